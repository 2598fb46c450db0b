/** Who answers where our own reading finds no system: a stand-in says what Volatility would. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { EngineChoice } from '../../src/run/choose-engine.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  packedRuns,
  type PluginRow,
  processRow,
  volatilityStandIn,
} from '../support/volatility-stand-in.ts';

const IP = '35.178.122.152';
const FRAME = 5;
const folder = temporaryFolder('ip2process-choose-');
beforeAll(() => {
  const image = Buffer.alloc(2 ** 21);
  image.write(`GET http://${IP}/a HTTP/1.1\r\n`, FRAME * 4096 + 0x100);
  writeFileSync(join(folder, 'ram.raw'), image);
});

const stand = (name: string, rows: readonly PluginRow[], status = 0): string =>
  volatilityStandIn(join(folder, name), rows, { after: `exit ${status}` });

const KNOWING: readonly PluginRow[] = [
  ['system', { kind: 'windows', release: 'Windows 10.0 build 99999' }],
  processRow(8, { name: 'beacon.exe' }),
  ['pages', { table: 4096, runs: packedRuns(0x10, FRAME, 1) }],
  ['end', { seconds: {}, peakBytes: null }],
];

const analyse = (kind: EngineChoice['kind'], command: string, signal?: AbortSignal) =>
  ip2process(
    {
      indicators: [parseIndicator(IP)],
      image: join(folder, 'ram.raw'),
      threads: 1,
      engine: { kind, volatility3: { command } },
      toolVersion: 'test',
    },
    signal ? { signal } : {},
  );

test.each(['both', 'volatility3'] as const)(
  '%s: Volatility 3 answers, and its name of the system is told',
  async (kind) => {
    const report = await analyse(kind, stand(`knowing-${kind}`, KNOWING));
    expect(report).toMatchObject({ engine: 'volatility3', system: null, secondOpinion: null });
    expect(report.processes.map(({ pid, name, hits }) => [pid, name, hits.total])).toEqual([
      [8, 'beacon.exe', 1],
    ]);
    expect(report.hits[0]?.owners[0]?.virtualAddress).toMatch(/^0x101/);
    expect(report.warnings).toContainEqual(
      expect.stringContaining('reads it as Windows 10.0 build 99999'),
    );
  },
);

test('both: where neither can read it, hits stand without owners, and both reasons are told', async () => {
  const report = await analyse('both', stand('failing', [], 1));
  expect(report.engine).toBe('none');
  expect(report.hits.length).toBe(1);
  expect(report.warnings.join('\n')).toContain('Cannot get an answer of Volatility 3');
  expect(report.warnings.join('\n')).toContain('No operating system found');
});

test('volatility3 alone: that it cannot answer is a failure', async () => {
  await expect(analyse('volatility3', stand('alone', [], 1))).rejects.toMatchObject({
    kind: 'system',
  });
});

test('a request to stop is no fact of a report', async () => {
  const path = join(folder, 'slow');
  writeFileSync(path, '#!/bin/sh\nsleep 60\n');
  chmodSync(path, 0o755);
  const stop = new AbortController();
  const answer = analyse('both', path, stop.signal);
  setTimeout(() => stop.abort(), 1500);
  await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
}, 30_000);
