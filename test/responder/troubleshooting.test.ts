/** The manual's table of troubles, and what the built worker says: neither has a text that the other lacks. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { caseWithImage, image } from '../support/cortex/case-with-image.ts';
import { click, type Clicked } from '../support/cortex/click.ts';
import { CONTAINER_NEEDS } from '../support/cortex/commands.ts';
import { TROUBLES } from '../support/cortex/trouble-list.ts';
import type { Trouble } from '../support/cortex/troubles.ts';
import { fromRoot, requires } from '../support/requires.ts';

const evidence = mkdtempSync(join(tmpdir(), 'ip2process-evidence-'));
writeFileSync(join(evidence, 'WS-12.raw'), image);
afterAll(() => rmSync(evidence, { recursive: true, force: true }));

/** Of other programs than the responder, and tested with those. */
const ELSEWHERE = new Map([['The account "…" may not write', 'test/cli/case.test.ts']]);

const TESTS = {
  none: test,
  namespaces: requires(CONTAINER_NEEDS, 'Linux, run as root, with unshare of util-linux'),
  openssl: requires('openssl', 'apt-get install openssl'),
};

const manual = readFileSync(fromRoot('docs/troubleshooting.md'), 'utf8');

/** The texts of a table's first column, by the heading before it. */
function textsUnder(heading: string): string[] {
  const [, section = ''] = manual.split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
  );
}

describe.each(Object.entries(TROUBLES))('%s', (heading, troubles) => {
  test('the manual has every text, and no other', () => {
    const texts = textsUnder(heading).filter((text) => !ELSEWHERE.has(text));
    const known = troubles.flatMap(({ text, otherwise = [] }) => [text, otherwise].flat());
    expect(texts.toSorted()).toEqual(known.toSorted());
  });

  for (const trouble of troubles) {
    TESTS[trouble.needs ?? 'none'](
      trouble.text,
      async () => {
        // Turn and turn about: most say the same with both.
        const version = troubles.indexOf(trouble) % 2 === 0 ? 5 : 4;
        const world = await caseWithImage(version, trouble.permissions, trouble.hive?.());
        const changes = await trouble.arrange(world, evidence);
        const done = await click({ ...world, observable: world.ip, ...changes });
        expect(saidIn(done)).toMatch(patternOf(trouble));
        expect(done.report.status).toBe(trouble.isAnswered ? 'Success' : 'Failure');
        // Nothing left in the scratch folder, no secret, a report that Cortex can read.
        expect(done.faults).toEqual(trouble.isPrinted ? ['R6: no output.json'] : []);
        if (!trouble.mayWrite) expect(world.hive.writes).toEqual([]);
      },
      180_000,
    );
  }
});

test.each([...ELSEWHERE])('%s: its own test has it', (text, file) => {
  expect(textsUnder('TheHive')).toContain(text);
  const words = text.split('…').map((part) => part.replaceAll('"', '').trim());
  const tests = readFileSync(fromRoot(file), 'utf8');
  for (const part of words.slice(1)) expect(tests).toContain(part);
});

const saidIn = ({ report }: Clicked): string => textsOf(report).join('\n');

const textsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsOf)
      : [];

function patternOf({ text, otherwise }: Trouble): RegExp {
  const patterns = [text, otherwise ?? text].map((one) =>
    one
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+?'),
  );
  return new RegExp(patterns.join('|'));
}
