import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { machineCode } from '../../src/machine-code/machine-code.ts';
import { type Literal, spellings } from '../../src/scan/literal.ts';
import { kindOf, rowOf, type ThirdFilter, thirdFilter } from '../../src/scan/third-filter.ts';
import { literal } from './literals.ts';

const literalOf = (text: string): Literal => ({
  bytes: Uint8Array.from(Buffer.from(text, 'latin1')),
  ignoresCase: false,
});
const filterOf = (texts: readonly string[], sample?: Uint8Array): ThirdFilter =>
  thirdFilter(texts.map(literalOf), sample);

/** What a core does with the rows, for one place. */
const passes = (
  { rows, rowBits }: ThirdFilter,
  [a = 0, b = 0, c = 0, d = 0]: Iterable<number> & readonly number[],
): boolean => (((rows[rowOf(b, c, d, rowBits)] ?? 0) >> kindOf(a)) & 1) !== 0;

const many = (count: number): string[] =>
  Array.from({ length: count }, (_, number) => `host-${number}.example`);

/** The share of the places in noise that is let through: 0 to 1. */
const shareOf = ({ rows }: ThirdFilter): number =>
  rows.reduce((marks, row) => marks + row.toString(2).replaceAll('0', '').length, 0) /
  (8 * rows.length);

test('lets all through that any literal shows where it is looked for, wherever it begins', () => {
  fc.assert(
    fc.property(
      fc.array(literal, { minLength: 1, maxLength: 30 }),
      fc.nat(),
      (literals, choice) => {
        const filter = thirdFilter(literals);
        expect(filter.rows).toHaveLength(2 ** filter.rowBits);
        for (const [{ bytes, ignoresCase }, offsets] of filter.chosen) {
          expect(offsets.map((offset) => (offset + 3) % 3)).toEqual([0, 1, 2]);
          for (const offset of offsets) {
            // Behind its end the text may end too.
            expect(offset).toBeLessThan(bytes.length);
            const shown = [0, 1, 2, 3].map((place) => {
              const some = spellings(bytes[offset + place], ignoresCase);
              return some[choice % some.length] ?? 0;
            });
            expect(passes(filter, shown)).toBe(true);
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('tells literals from nearly all else', () => {
  const filter = filterOf(['35.178', '5.17.9', '://0', 'TcpE', 'swapper']);
  expect(shareOf(filter)).toBeLessThan(0.001);
  for (const text of ['35.1', '5.17', '://0', 'TcpE', 'swap']) {
    expect(passes(filter, [...Buffer.from(text)])).toBe(true);
  }
  for (const other of ['30.1', '35.2', 'TcpL', 'swaq', '\0\0\0\0']) {
    expect(passes(filter, [...Buffer.from(other)])).toBe(false);
  }
});

describe('looks where a literal shows what is rare', () => {
  test('by what memory holds in general', () => {
    const [[, offsets] = []] = filterOf(['\0\0\0\0\0\0\0\xe7\xe8\xe9\xea\0\0\0\0\0']).chosen;
    expect(offsets).toEqual([6, 7, 8]);
  });

  test('where addresses of one network differ, not where all reverse names are alike', () => {
    const [[, offsets] = []] = filterOf(
      ['152.122.178.35.in-addr.arpa'],
      Buffer.alloc(4096 * 3, 'x'),
    ).chosen;
    for (const offset of offsets ?? []) expect(offset).toBeLessThan(12);
  });

  test('by a sample', () => {
    const text = 'www.example.orgZYXWVUTSRQ';
    const sample = Buffer.alloc(4096 * 3, 'www.example.org ');
    const [[, offsets] = []] = filterOf([text], sample).chosen;
    for (const offset of offsets ?? []) expect(offset).toBeGreaterThan(11);
  });
});

// Zeros stand everywhere: each would be looked up.
test.each<[string, number[]]>([
  ['\x00\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0', [0, 1, -1]],
  ['\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01', [0, -2, -1]],
  ['\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', [0, -2, -1]],
  // Addresses of networks, in four bytes: what is left of them at some places are zeros, or has their marks.
  ['\xcb\0\0\0', [0, -2, -1]],
  ['\x0a\x08\0\0', [0, -2, -1]],
  ['\0\0\0\xcb', [0, 1, 2]],
  ['\0\0\x08\x0a', [0, 1, -1]],
  // They have the marks of zeros.
  ['\xfe\x81\x08\0\0\0\0\0\0\0\0\0\0\0\0\0', [0, 1, -1]],
])('never looks at zeros where a literal begins with something else: %j', (text, expected) => {
  const filter = filterOf([text]);
  expect(filter.chosen[0]?.[1]).toEqual(expected);
  expect(passes(filter, [0, 0, 0, 0])).toBe(false);
});

test.each([
  ['\0', [0, -2, -1]],
  ['\0\0', [0, 1, -1]],
])('never looks behind a literal, which nothing may follow: %j', (text, expected) => {
  expect(filterOf([text]).chosen[0]?.[1]).toEqual(expected);
});

test('lets everything through where the two bytes in the middle are unknown', () => {
  expect(shareOf(filterOf(['a']))).toBe(1);
});

test('takes larger rows for more literals, up to what an index has room for', () => {
  expect(filterOf(many(100)).rowBits).toBe(14);
  expect(filterOf(many(2000)).rowBits).toBe(15);
  expect(filterOf(many(20_000)).rowBits).toBe(16);
});

test('spreads noise evenly over the rows', () => {
  const counts = new Uint32Array(2 ** 14);
  // Every 31st triple: a prime, so that no byte's bits stand still.
  for (let triple = 0; triple < 2 ** 24; triple += 31) {
    const row = rowOf(triple & 0xff, (triple >> 8) & 0xff, triple >> 16, 14);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  expect(Math.max(...counts)).toBeLessThan((2 * 2 ** 24) / 31 / counts.length);
});

const code = machineCode();

(code === null ? test.skip : test)(
  'marks of a sample are counted at every third place (needs Linux on x86-64)',
  () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.integer({ min: 14, max: 16 }),
        (pages, rowBits) => {
          const expected = new Uint32Array(8 * 2 ** rowBits);
          for (let at = 0; at + 4 <= pages.length; at += 3) {
            const [first = 0, second = 0, third = 0, fourth = 0] = pages.subarray(at);
            const mark = 8 * rowOf(second, third, fourth, rowBits) + kindOf(first);
            expected[mark] = (expected[mark] ?? 0) + 1;
          }
          const counts = new Uint32Array(expected.length);
          code?.countMarks(pages, counts, rowBits);
          expect(Buffer.compare(Buffer.from(counts.buffer), Buffer.from(expected.buffer))).toBe(0);
        },
      ),
    );
  },
);
