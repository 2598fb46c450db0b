import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Literal, spellings } from '../../src/scan/literal.ts';
import { kindOf, TRIPLE_ROWS, tripleFilter, tripleRow } from '../../src/scan/triple-filter.ts';
import { literal } from './literals.ts';

const literalOf = (text: string): Literal => ({
  bytes: Uint8Array.from(Buffer.from(text, 'latin1')),
  ignoresCase: false,
});
const filterOf = (texts: readonly string[], pair = 0): ReturnType<typeof tripleFilter> =>
  tripleFilter(texts.map((text) => [literalOf(text), { pair, bit: 0 }]));

/** What a core does with the rows, for one place. */
const passes = (rows: Uint8Array, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): boolean =>
  (((rows[tripleRow(a, b, c)] ?? 0) >> kindOf(d)) & 1) !== 0;

test('lets all through that any literal shows where it is looked for', () => {
  const chosen = fc.array(fc.tuple(literal, fc.integer({ min: -1, max: 20 })), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(chosen, fc.nat(), (all, choice) => {
      const windows = all.map(
        ([one, at]) => [one, { pair: Math.min(at, one.bytes.length - 1), bit: 0 }] as const,
      );
      const { rows } = tripleFilter(windows);
      expect(rows).toHaveLength(TRIPLE_ROWS);
      for (const [{ bytes, ignoresCase }, { pair }] of windows) {
        const shown = [0, 1, 2, 3].map((place) => {
          const some = spellings(pair + place < 0 ? undefined : bytes[pair + place], ignoresCase);
          return some[choice % some.length] ?? 0;
        });
        expect(passes(rows, shown)).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test('tells literals from nearly all else', () => {
  const { rows, share } = filterOf(['35.1', '5.17', '://0', 'TcpE', 'swap']);
  expect(share).toBeLessThan(0.0001);
  for (const other of ['30.1', '35.2', 'TcpL', 'swaq', '\0\0\0\0']) {
    expect(passes(rows, [...Buffer.from(other, 'latin1')])).toBe(false);
  }
});

test('lets everything through where two bytes are unknown', () => {
  expect(filterOf(['a']).share).toBe(1);
});

test('spreads noise evenly over the rows', () => {
  const counts = new Uint32Array(TRIPLE_ROWS);
  // Every 31st triple: a prime, so that no byte's bits stand still.
  for (let triple = 0; triple < 2 ** 24; triple += 31) {
    const row = tripleRow(triple & 0xff, (triple >> 8) & 0xff, triple >> 16);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  expect(Math.max(...counts)).toBeLessThan((2 * 2 ** 24) / 31 / TRIPLE_ROWS);
});
