import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { machineCode } from '../../src/machine-code/machine-code.ts';
import { SET_BYTES } from '../../src/scan/window-filter.ts';
import { fromRoot, requires } from '../support/requires.ts';

const code = machineCode();
const KIBI = 1024;
const PAGE = 4096;
const MEBI = 2 ** 20;

const isSystem = process.platform === 'linux' && process.arch === 'x64';
/** As the system tells. */
const hasAvx2 = isSystem && / avx2 /.test(readFileSync('/proc/cpuinfo', 'latin1'));

test('the machine code is taken where the processor knows it, and nowhere else', () => {
  expect(code !== null).toBe(isSystem);
  expect((code?.sievePages ?? null) !== null).toBe(hasAvx2);
});

test('it is not taken where nobody wants it', () => {
  process.env['IP2PROCESS_NATIVE'] = 'off';
  try {
    expect(machineCode()).toBe(null);
  } finally {
    delete process.env['IP2PROCESS_NATIVE'];
  }
});

test.each(['dist', 'dist/responders/Ip2Process'])('it lies beside the program in %s', (folder) => {
  const built = readFileSync(fromRoot(`${folder}/machine-code-linux-x64.node`));
  expect(built.equals(readFileSync(fromRoot('src/machine-code/linux-x64.node')))).toBe(true);
});

requires('python-zig', 'pip install ziglang==0.17.1')(
  'linux-x64.node is what module.c compiles to',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ip2process-module-'));
    const compiled = join(folder, 'module.node');
    try {
      const script = fromRoot('src/machine-code/compile.ts');
      execFileSync(process.execPath, ['--import', 'tsx', script, compiled]);
      const bytes = readFileSync(fromRoot('src/machine-code/linux-x64.node'));
      expect(Buffer.compare(readFileSync(compiled), bytes)).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  120_000,
);

const machine = code?.sievePages ? describe : describe.skip;

machine(
  'machine code stays in the memory that it is given (needs Linux on x86-64 with AVX2)',
  () => {
    const memory = new ArrayBuffer(256 * KIBI);
    const at = 160 * KIBI;
    const tables = 65 * KIBI;
    const fitting = {
      sets: 0,
      windows: 66 * KIBI,
      rows: 140 * KIBI,
      rowBits: 14,
      queue: 68 * KIBI,
      pageSets: 66 * KIBI,
      setBytes: 4,
      found: 67 * KIBI,
      mostFound: 16,
      marks: 140 * KIBI,
      middles: 140 * KIBI,
      markShift: 16,
      heads: 150 * KIBI,
      hashShift: 24,
    };
    const look = (
      { queue, windows, sets, rows, rowBits, ...others }: typeof fitting,
      [table = 0, from = 0, until = 0, end = 0]: readonly number[] = [
        tables,
        at,
        at + PAGE,
        at + PAGE,
      ],
    ): void => {
      const words = new Uint32Array(memory, tables, 32).fill(0);
      const { pageSets, setBytes, found, mostFound } = others;
      words.set([queue, pageSets, setBytes, found, mostFound, windows, sets, rows, rowBits]);
      const { marks, middles, markShift, heads, hashShift } = others;
      words.set([marks, middles, marks, marks, marks, markShift, heads, hashShift], 10);
      code?.sievePages?.(memory, table, 1, from, until, end, 0);
    };

    test('what fits is looked at', () => {
      const before = new Uint8Array(memory).slice(at);
      expect(() => look(fitting)).not.toThrow();
      expect(new Uint8Array(memory).slice(at)).toEqual(before);
    });

    test.each<[string, readonly number[]]>([
      ['an end behind it', [tables, at, at + PAGE, 256 * KIBI]],
      ['a start behind the end', [tables, at + PAGE, at, at + PAGE]],
      ['a start without bytes before it', [tables, 0, PAGE, PAGE]],
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
      ['more sets than there can be', { sets: 3 }],
      ['rows that do not fit', { rows: 250 * KIBI }],
      ['more rows than an index can tell', { rows: 0, rowBits: 17 }],
      ['no rows', { rowBits: 0 }],
      ['marks that do not fit', { marks: 250 * KIBI }],
      ['more marks than fit', { markShift: 0 }],
      ['marks of middles that do not fit', { middles: 249 * KIBI }],
      ['a shift by nothing', { hashShift: 32 }],
      ['keys that do not fit', { hashShift: 8 }],
      ['a queue that does not fit', { queue: 200 * KIBI }],
      ['sets of pages that do not fit', { pageSets: 256 * KIBI - 15 }],
      ['a list that does not fit', { mostFound: 2 ** 20 }],
      ['a list that is not aligned', { found: 67 * KIBI + 1 }],
      ['sets without room for the pages', { setBytes: 0 }],
    ])('%s', (_, wrong) => {
      expect(() => look({ ...fitting, ...wrong })).toThrow(OUTSIDE);
    });

    const listed = (
      changes: {
        readonly from?: number;
        readonly until?: number;
        readonly pages?: Uint32Array;
        readonly stretches?: readonly number[];
        readonly stop?: Uint8Array;
      } = {},
    ): Promise<void> | undefined => {
      look(fitting);
      const { from = at, until = at + PAGE, pages = new Uint32Array(1) } = changes;
      const stretches = new Float64Array(changes.stretches ?? [0, 32, 0]);
      const { stop = new Uint8Array(1) } = changes;
      return code?.sieveListed?.(memory, tables, from, until, -1, pages, stretches, stop);
    };

    test('pages of a file that fit are looked at', async () => {
      const pages = Uint32Array.of(0xff);
      await listed({ pages });
      // There is no such file: of none of them can anybody say no.
      expect(pages).toEqual(Uint32Array.of(0xff));
    });

    test.each<[string, Parameters<typeof listed>[0]]>([
      ['room for no page', { until: at }],
      ['room behind the memory', { until: 256 * KIBI }],
      ['pages without a bit', { stretches: [0, 33, 0] }],
      ['pages in the wrong order', { stretches: [2, 1, 0] }],
      ['pages before the first', { stretches: [-1, 1, 0] }],
      ['a number that is none', { stretches: [0, Number.NaN, 0] }],
      ['bytes before the file', { stretches: [0, 1, -4096] }],
      ['half a stretch', { stretches: [0, 1] }],
      ['nothing that tells when to stop', { stop: new Uint8Array() }],
    ])('pages of a file: %s', (_, wrong) => {
      expect(() => listed(wrong)).toThrow(OUTSIDE);
    });

    test('memory that is none', () => {
      const none: ArrayBuffer = JSON.parse('{}');
      expect(() => code?.sievePages?.(none, tables, 1, at, at, at, 0)).toThrow(OUTSIDE);
    });
  },
);

const OUTSIDE = 'Cannot look through memory: an argument lies outside of it';

const system = code === null ? describe.skip : describe;

system('where the next data of a file is (needs Linux on x86-64)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-holes-'));
  const path = join(folder, 'sparse');
  const fd = openSync(path, 'w+');
  // Holes of a MiB, so that no file system's blocks are larger.
  ftruncateSync(fd, 4 * MEBI);
  writeSync(fd, Buffer.from('data'), 0, 4, MEBI + 100);
  afterAll(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  test('is told from within a hole, from within data, and from behind it', () => {
    expect(code?.nextData(fd, 0)).toBeGreaterThan(0);
    expect(code?.nextData(fd, 0)).toBeLessThanOrEqual(MEBI + 100);
    expect(code?.nextData(fd, MEBI + 100)).toBe(MEBI + 100);
    expect(code?.nextData(fd, 2 * MEBI)).toBe(Infinity);
  });

  test('is not asked of what is no file', () => {
    expect(code?.nextData(-1, 7)).toBe(7);
    const wrong: number = JSON.parse('"none"');
    expect(() => code?.nextData(wrong, 0)).toThrow(
      'Cannot look for data: expected a file descriptor and an offset',
    );
  });
});

system('bytes of a file (needs Linux on x86-64)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-read-'));
  const fd = openSync(join(folder, 'file'), 'w+');
  writeSync(fd, Buffer.from('0123456789'));
  afterAll(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  test.each([
    [0, '0123'],
    [8, '89'],
    [10, ''],
    [2 ** 40, ''],
  ])('from %i on, as many as there are', (at, text) => {
    const into = Buffer.alloc(4);
    expect(code?.readAt(fd, into, at)).toBe(text.length);
    expect(into.toString('latin1', 0, text.length)).toBe(text);
    expect(into.subarray(text.length)).toEqual(Buffer.alloc(4 - text.length));
  });

  test('go where the view lies, and nowhere else', () => {
    const into = Buffer.alloc(8, '-');
    expect(code?.readAt(fd, into.subarray(2, 5), 7)).toBe(3);
    expect(into.toString()).toBe('--789---');
  });

  test.each<[string, number, number]>([
    ['no open file', -1, 0],
    ['an offset before it', fd, -1],
  ])('%s: none', (_, of, at) => {
    expect(code?.readAt(of, new Uint8Array(4), at)).toBeLessThan(0);
  });

  test('what is no array is not written to', () => {
    const none: Uint8Array = JSON.parse('{}');
    expect(() => code?.readAt(fd, none, 0)).toThrow(
      'Cannot read: expected a file descriptor, bytes and an offset',
    );
  });
});

system('tables are made in the memory that is given, or not at all (needs Linux on x86-64)', () => {
  const edges = {
    rows: Int32Array.of(0, 4, 0),
    texts: Uint8Array.of(1, 2, 3, 4),
    near: new Uint8Array(2 ** 16),
    isNear: new Uint32Array(2 ** 11),
    isMore: new Uint32Array(2 ** 11),
    heads: new Uint32Array(2 ** 16),
    halves: new Uint32Array(3),
  };
  const index = (wrong: Partial<typeof edges> = {}): number | undefined => {
    const { rows, texts, near, isNear, isMore, heads, halves } = { ...edges, ...wrong };
    return code?.indexEdges(rows, texts, true, near, isNear, isMore, heads, halves);
  };

  test('what fits is filled', () => expect(index()).toBe(1));

  const none: Uint32Array<ArrayBuffer> = JSON.parse('{}');
  test.each<[string, Partial<typeof edges>]>([
    ['a text that begins before its bytes', { rows: Int32Array.of(-1, 4, 0) }],
    ['a text that ends behind them', { rows: Int32Array.of(1, 4, 0) }],
    ['a length that is none', { rows: Int32Array.of(0, -1, 0) }],
    ['a length that is no length', { rows: Int32Array.of(4, 2 ** 31 - 1, 0) }],
    ['rows that are none', { rows: JSON.parse('[0, 4, 0]') }],
    ['too few pairs', { near: new Uint8Array(2 ** 16 - 1) }],
    ['too few bits of pairs', { isNear: new Uint32Array(1) }],
    ['too few bits of more pairs', { isMore: new Uint32Array(1) }],
    ['too few heads', { heads: new Uint32Array(2 ** 16 - 1) }],
    ['no room for a half', { halves: new Uint32Array(2) }],
    ['no array', { halves: none }],
  ])('edges: %s', (_, wrong) => {
    expect(() => index(wrong)).toThrow(
      'Cannot index page edges: an argument lies outside of its memory',
    );
  });

  const words = new Uint16Array(4);
  test.each<[string, readonly [Uint16Array, Uint32Array, Uint32Array, Uint32Array]]>([
    ['too few pairs', [words, new Uint32Array(9), new Uint32Array(4), new Uint32Array(4)]],
    [
      'fewer fours than counts',
      [words, new Uint32Array(2 ** 16), new Uint32Array(2), new Uint32Array(4)],
    ],
    ['no power of two', [words, new Uint32Array(2 ** 16), new Uint32Array(6), new Uint32Array(6)]],
    ['no slots', [words, new Uint32Array(2 ** 16), new Uint32Array(0), new Uint32Array(0)]],
  ])('four bytes: %s', (_, given) => {
    expect(() => code?.countFours(...given, 1)).toThrow('Cannot count four bytes: expected words');
  });

  test.each([0, 13, 17])('marks: %i bits where there are counts for 14', (rowBits) => {
    const counts = new Uint32Array(8 * 2 ** 14);
    expect(() => code?.countMarks(new Uint8Array(9), counts, rowBits)).toThrow(
      'Cannot count marks: expected pages, and eight counts for each row',
    );
  });
});
