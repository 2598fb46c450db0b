import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  askReleased,
  STRINGS_ARE_WRONG,
  yaraRule,
} from '../../../src/engine/volatility3/released-plugins.ts';
import { parseIndicator } from '../../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../../src/indicator/patterns.ts';
import { physical } from '../../../src/memory/address.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-');

/** Says the row, and keeps the file that it was given as its last argument. */
function program(name: string, row: object): { command: string; given: () => string } {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!/bin/sh
echo "Volatility 3 Framework 2.28.2" >&2
echo "$*" > '${path}.args'
for last in "$@"; do :; done
cp "$last" '${path}.file'
echo '${JSON.stringify(row)}'
`,
  );
  chmodSync(path, 0o755);
  return {
    command: path,
    given: () => readFileSync(`${path}.args`, 'utf8') + readFileSync(`${path}.file`, 'utf8'),
  };
}

const QUESTION = {
  image: '/ram.raw',
  system: 'windows',
  patterns: patternsOf([parseIndicator('evil.example')]).slice(0, 2),
  hits: [physical(0x1_2345), physical(0x2_0000)],
} as const;

test('a rule holds every pattern byte by byte, letters in either case where case is free', () => {
  const rule = yaraRule([
    {
      indicator: 0,
      spelling: 'text',
      encoding: 'utf16le',
      bytes: Uint8Array.of(0x61, 0, 0x2e, 0),
      ignoresCase: true,
    },
    {
      indicator: 0,
      spelling: 'bytes',
      encoding: 'binary',
      bytes: Uint8Array.of(0x61, 7),
      ignoresCase: false,
    },
  ]);
  expect(rule).toContain('$p0 = { ( 61 | 41 ) 00 2e 00 }');
  expect(rule).toContain('$p1 = { 61 07 }');
  expect(rule).toContain('any of them');
});

test('vadyarascan: processes and virtual addresses', async () => {
  const { command, given } = program('yara', { PID: 3008, Offset: 0x2_1000_0080, Rule: 'r' });
  const { testimonies, warnings } = await askReleased('vadyarascan', { command }, QUESTION);
  expect(testimonies).toEqual([{ pid: 3008, address: 0x2_1000_0080n }]);
  expect(warnings).toEqual([]);
  expect(given()).toContain('windows.vadyarascan --yara-file');
  expect(given()).toContain('$p1 = {');
});

test('for Linux it is vmayarascan', async () => {
  const { command, given } = program('vma', { PID: 7, Offset: 1 });
  await askReleased('vadyarascan', { command }, { ...QUESTION, system: 'linux' });
  expect(given()).toContain('linux.vmayarascan');
});

test('strings: pages of processes, and the warning that it is wrong', async () => {
  const { command, given } = program('strings', {
    'Physical Address': 0x1_2345,
    Result: 'kernel:0xf80797200000, Process 3008:0x210000000, Process 4:0x1000',
  });
  const { testimonies, warnings } = await askReleased('strings', { command }, QUESTION);
  expect(testimonies).toEqual([
    { pid: 3008, address: 0x2_1000_0345n },
    { pid: 4, address: 0x1345n },
  ]);
  expect(warnings).toEqual([STRINGS_ARE_WRONG]);
  expect(given()).toContain('windows.strings --strings-file');
  expect(given()).toContain('74565 hit\n131072 hit\n');
});

test('strings knows no Linux', async () => {
  await expect(
    askReleased('strings', { command: 'vol' }, { ...QUESTION, system: 'linux' }),
  ).rejects.toMatchObject({ kind: 'request' });
});
