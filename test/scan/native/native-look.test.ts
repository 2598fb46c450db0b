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
const PAGE = 4096;

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

const machine = native === null ? describe.skip : describe;

machine(
  'machine code stays in the memory that it is given (needs Linux on x86-64 with AVX2)',
  () => {
    const memory = new ArrayBuffer(256 * KIBI);
    const at = 160 * KIBI;
    const tables = 65 * KIBI;
    const fitting = { sets: 0, windows: 66 * KIBI, queue: 68 * KIBI, flags: 66 * KIBI };
    const look = (
      { sets, windows, queue, flags }: typeof fitting,
      [table = 0, from = 0, until = 0, end = 0]: readonly number[] = [
        tables,
        at,
        at + PAGE,
        at + PAGE,
      ],
    ): void => {
      const words = new Uint32Array(memory, tables, 24).fill(0);
      words.set([windows, sets]);
      words.set([queue, flags], 21);
      native?.sievePages(memory, table, 1, from, until, end, 0);
    };

    test('what fits is looked at', () => {
      const before = new Uint8Array(memory).slice(at);
      expect(() => look(fitting)).not.toThrow();
      expect(new Uint8Array(memory).slice(at)).toEqual(before);
    });

    test.each<[string, readonly number[]]>([
      ['an end behind it', [tables, at, at + PAGE, 256 * KIBI]],
      ['a start behind the end', [tables, at + PAGE, at, at + PAGE]],
      ['a start within the table of pairs', [tables, 0, PAGE, PAGE]],
      ['pages that are not whole', [tables, at, at + 100, at + PAGE]],
      ['pages behind what is held', [tables, at, at + PAGE, at + 100]],
      ['tables that do not fit', [256 * KIBI - 16, at, at + PAGE, at + PAGE]],
      ['tables that are not aligned', [tables + 1, at, at + PAGE, at + PAGE]],
      ['a number that is none', [tables, Number.NaN, -1, at + PAGE]],
    ])('%s', (_, given) => {
      expect(() => look(fitting, given)).toThrow(OUTSIDE);
    });

    test.each<[string, Partial<typeof fitting>]>([
      ['windows that do not fit', { sets: 1, windows: 256 * KIBI - SET_BYTES }],
      ['more sets than there can be', { sets: 4 }],
      ['a queue that does not fit', { queue: 200 * KIBI }],
      ['flags that do not fit', { flags: 256 * KIBI }],
    ])('%s', (_, wrong) => {
      expect(() => look({ ...fitting, ...wrong })).toThrow(OUTSIDE);
    });

    test('memory that is none', () => {
      const none: ArrayBuffer = JSON.parse('{}');
      expect(() => native?.sievePages(none, tables, 1, at, at, at, 0)).toThrow(OUTSIDE);
    });
  },
);

const OUTSIDE = 'Cannot look through memory: an argument lies outside of it';
