/** A frame that was used anew while the image was taken: its hit stays, weighs less, and the report says so. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import { explain } from '../../src/report/explain.ts';
import { printHtml } from '../../src/report/print-html.ts';
import { printMarkdown } from '../../src/report/print-markdown.ts';
import { printText } from '../../src/report/print-text.ts';
import type { Report } from '../../src/report/report.ts';
import { buildImage } from '../support/build-image.ts';
import { buildWindows } from '../support/build-windows/build-windows.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const IP = '35.178.122.152';
const AT = 0x2_0000_0000n;
const folder = temporaryFolder('smear-');

/** Two processes hold the address alike; where `isSmeared`, the books give the first one's page to a third. */
const MACHINES = {
  Linux(isSmeared: boolean): Uint8Array {
    const machine = buildImage();
    const region = { kind: 'anon' } as const;
    const late = machine.process('late', { pid: 800 }).region(AT, 1, region).write(AT, 'its own');
    const early = machine.process('early', { pid: 700 }).region(AT, 1, region).write(AT, ` ${IP} `);
    machine.process('other', { pid: 710 }).region(AT, 1, region).write(AT, ` ${IP} `);
    return (isSmeared ? machine.reused(early, AT, late, AT) : machine).toBytes();
  },
  Windows(isSmeared: boolean): Uint8Array {
    const machine = buildWindows();
    const late = machine.process('late', { pid: 800 }).maps(AT, 'its own');
    const early = machine.process('early', { pid: 700 }).maps(AT, ` ${IP} `);
    machine.process('other', { pid: 712 }).maps(AT, ` ${IP} `);
    return (isSmeared ? machine.reused(early, AT, late, AT) : machine).toBytes();
  },
} as const;

async function reportOf(bytes: Uint8Array, name: string): Promise<Report> {
  const image = join(folder, name);
  writeFileSync(image, bytes);
  return ip2process({ indicators: [parseIndicator(IP)], image, threads: 1, toolVersion: 'test' });
}

/** Without the ends of lines, and what Markdown protects. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('\\', '');

const early = ({ processes }: Report) => processes.find(({ pid }) => pid === 700);
const other = ({ processes }: Report) => processes.find(({ pid }) => pid > 700 && pid < 800);

describe.each(['Linux', 'Windows'] as const)('on %s', (system) => {
  const smeared = reportOf(MACHINES[system](true), `${system}-smeared`);
  const clean = reportOf(MACHINES[system](false), `${system}-clean`);

  test('without smear every mapping is confirmed, and nothing is said', async () => {
    const { coverage, warnings, hits } = await clean;
    expect(coverage.mappings).toEqual({ confirmed: 2, contradicted: 0, unchecked: 0 });
    expect(hits.flatMap(({ flags }) => flags)).toEqual([]);
    expect(warnings.filter((sentence) => sentence.startsWith('Smear'))).toEqual([]);
  });

  test('the hit stays with its owner, as contradicted, and weighs less', async () => {
    const report = await smeared;
    const [hit] = report.hits.filter(({ owners }) => owners.some(({ pid }) => pid === 700));
    expect(hit?.owners).toMatchObject([{ pid: 700, agreement: 'contradicted' }]);
    expect(hit?.flags).toEqual(['contradicted']);
    expect(early(report)?.hits.total).toBe(1);
    expect(early(report)?.score).toBeLessThan(early(await clean)?.score ?? 0);
  });

  test('the other one’s is confirmed and weighs what it did', async () => {
    expect(other(await smeared)?.score).toBe(other(await clean)?.score);
  });

  test('the report warns with numbers, in every form that people read', async () => {
    const report = await smeared;
    expect(report.coverage.mappings).toEqual({ confirmed: 1, contradicted: 1, unchecked: 0 });
    const told = expect.stringContaining('Smear: 1 of 2 mappings');
    expect(report.warnings).toContainEqual(told);
    for (const text of [printText(report), printMarkdown(report), printHtml(report)]) {
      expect(plain(text)).toEqual(told);
      expect(plain(text)).toContain('1 of 2 confirmed both ways, 1 contradicted');
    }
    expect(early(report)?.counterReasons).toContain(
      'the kernel’s own books of frames give 1 place of it to another, or to nobody (smear)',
    );
    expect(plain(explain(report, 700))).toContain('contradicted by the kernel’s books');
  });
});
