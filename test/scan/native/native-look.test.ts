import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { nativeLook } from '../../../src/scan/native/native-look.ts';
import { SET_BYTES } from '../../../src/scan/window-filter.ts';
import { fromRoot, requires } from '../../support/requires.ts';

const native = nativeLook();
const KIBI = 1024;

/** Whether this machine can run it, as the system tells. */
const isFit =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  / avx2 /.test(readFileSync('/proc/cpuinfo', 'latin1'));

test('the machine code is taken where the processor knows it, and nowhere else', () => {
  expect(native !== null).toBe(isFit);
});

test('it is not taken where nobody wants it', () => {
  process.env['IP2PROCESS_NATIVE'] = 'off';
  try {
    expect(nativeLook()).toBe(null);
  } finally {
    delete process.env['IP2PROCESS_NATIVE'];
  }
});

test.each(['dist', 'dist/responders/Ip2Process'])('it lies beside the program in %s', (folder) => {
  const built = readFileSync(fromRoot(`${folder}/look-linux-x64.node`));
  expect(built.equals(readFileSync(fromRoot('src/scan/native/look-linux-x64.node')))).toBe(true);
});

requires('python-zig', 'pip install ziglang==0.17.1')(
  'look-linux-x64.node is what look.c compiles to',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ip2process-look-'));
    const compiled = join(folder, 'look.node');
    try {
      const script = fromRoot('src/scan/native/compile-look.ts');
      execFileSync(process.execPath, ['--import', 'tsx', script, compiled]);
      const bytes = readFileSync(fromRoot('src/scan/native/look-linux-x64.node'));
      expect(Buffer.compare(readFileSync(compiled), bytes)).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  120_000,
);

const look = native === null ? describe.skip : describe;

look('machine code stays in the memory that it is given (needs Linux on x86-64 with AVX2)', () => {
  const memory = new ArrayBuffer(256 * KIBI);
  const at = 68 * KIBI;
  const output = 128 * KIBI;
  const tables = 65 * KIBI;
  test.each<[string, readonly number[]]>([
    ['an end behind it', [at, 256 * KIBI + 64, output, tables, 1]],
    ['a start behind the end', [at + 64, at, output, tables, 1]],
    ['a start with nothing before it', [0, 64, output, tables, 1]],
    ['output that does not fit', [at, at + 64 * KIBI, 256 * KIBI - 64, tables, 1]],
    ['tables that do not fit', [at, at + 64, output, 256 * KIBI - SET_BYTES, 1]],
    ['more sets than there can be', [at, at + 64, output, tables, 4]],
    ['a number that is none', [at, Number.NaN, -1, tables, 1]],
  ])('%s', (_, [first = 0, end = 0, to = 0, from = 0, sets = 0]) => {
    for (const call of ['findWindows', 'findPairs', 'listHeads'] as const) {
      expect(() => native?.[call](memory, first, end, to, from, sets)).toThrow(
        'Cannot look through memory: an argument lies outside of it',
      );
    }
  });

  test('memory that is none', () => {
    const none: ArrayBuffer = JSON.parse('{}');
    expect(() => native?.findPairs(none, at, at + 64, output, 0, 0)).toThrow('Cannot look');
  });

  test('nothing is written where nothing is found', () => {
    const bytes = new Uint8Array(memory).fill(0);
    expect(native?.findPairs(memory, at, at + 32 * KIBI, output, 0, 0)).toBe(0);
    expect(native?.findWindows(memory, at, at + 32 * KIBI, output, tables, 3)).toBe(0);
    expect(native?.listHeads(memory, at, at + 32 * KIBI, output, 0, 0)).toBe(0);
    expect(bytes.subarray(0, output).every((byte) => byte === 0)).toBe(true);
  });
});
