import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Literal } from '../../src/scan/literal.ts';
import { indexLiterals, type LiteralIndex } from '../../src/scan/literal-index.ts';
import type { Matcher } from '../../src/scan/matcher.ts';
import { NATIVE_SETS } from '../../src/machine-code/machine-code.ts';
import { portableMatcher } from '../../src/scan/portable-matcher.ts';
import { wasmMatcher } from '../../src/scan/wasm-matcher.ts';
import { planted } from './literals.ts';
import { occurrences } from './naive.ts';

const exact = (text: string): Literal => ({
  bytes: Uint8Array.from(Buffer.from(text, 'latin1')),
  ignoresCase: false,
});

type MatcherOf = (index: LiteralIndex, capacity: number) => Matcher;
/** Name, matcher, most sets of windows. */
const MATCHERS: [string, MatcherOf, number][] = [
  ['wasmMatcher', wasmMatcher, 1],
  ['wasmMatcher without windows', wasmMatcher, 0],
  ['wasmMatcher with more windows than it can look at', wasmMatcher, NATIVE_SETS],
  ['portableMatcher', portableMatcher, 1],
];

// One suite for all matchers: whoever adds one adds a row.
describe.each(MATCHERS)('%s', (_, matcherOf, mostSets) => {
  const indexed = (literals: readonly Literal[]): LiteralIndex => indexLiterals(literals, mostSets);
  const search = (literals: readonly Literal[], text: Uint8Array): string[] =>
    told(matcherOf(indexed(literals), text.length), text, 0, text.length, text.length);

  test('finds what a plain search finds, in any part of its bytes', () => {
    fc.assert(
      fc.property(
        planted(400, [64, 128, 400]),
        fc.tuple(fc.nat(400), fc.nat(400), fc.nat(400)),
        ({ literals, text }, bounds) => {
          const [from = 0, until = 0, end = 0] = bounds.toSorted((a, b) => a - b);
          const matcher = matcherOf(indexed(literals), text.length);
          expect(told(matcher, text, from, until, end)).toEqual(
            occurrences(literals, text, from, until, end),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('finds what a plain search finds beyond the first stride of its loop', () => {
    fc.assert(
      fc.property(planted(5000, [2048, 4096, 5000]), ({ literals, text }) => {
        expect(search(literals, text)).toEqual(
          occurrences(literals, text, 0, text.length, text.length),
        );
      }),
      { numRuns: 30 },
    );
  });

  test.each([0, 1, 2, 3, 61, 62, 63, 64, 65, 4081, 4082])(
    'finds a text at offset %d of 4096 bytes',
    (at) => {
      const text = new Uint8Array(4096);
      text.set(Buffer.from('35.178.122.152'), at);
      expect(search([exact('35.178.122.152')], text)).toEqual([`0@${at}`]);
    },
  );

  test.each(['\0\0', '\0\0\0\0', '\0\0\0\x0a', '\x0a\0\0\0', `${'\0'.repeat(15)}\x01`])(
    'finds %j in zeros, at even and odd places',
    (bytes) => {
      const text = new Uint8Array(300);
      text[100] = text[211] = text[252] = 0x0a;
      text[103] = text[214] = 1;
      const literals = [exact(bytes)];
      expect(search(literals, text)).toEqual(occurrences(literals, text, 0, 300, 300));
    },
  );

  test('tells more occurrences than its output holds at once', () => {
    const literals = ['aa', 'aaaa', 'a', 'aaaaaaaaa', 'aaaaaaaaaa'].map(exact);
    const text = new Uint8Array(20_000).fill(0x61);
    const found = search(literals, text);
    expect(found).toHaveLength(5 * 20_000 - (1 + 3 + 0 + 8 + 9));
    expect(new Set(found).size).toBe(found.length);
  });

  test('finds each of a thousand literals that begin alike', () => {
    const names = Array.from(
      { length: 1000 },
      (__, number) => `10.20.${number >> 8}.${number & 255};`,
    );
    const text = Uint8Array.from(Buffer.from(names.join('')));
    expect(search(names.map(exact), text)).toHaveLength(1000);
  });

  test('finds a literal of a whole page', () => {
    const text = Uint8Array.from({ length: 8192 }, (__, index) => (index * 7 + (index >> 8)) & 255);
    const literals = [{ bytes: text.slice(4095, 8191), ignoresCase: false }];
    expect(search(literals, text)).toContain('0@4095');
  });

  test('finds nothing without literals', () => {
    expect(search([], new Uint8Array(4096))).toEqual([]);
  });
});

test.each([0, 4097])('indexLiterals() refuses a literal of %d bytes', (length) => {
  const wrong = { bytes: new Uint8Array(length), ignoresCase: false };
  expect(() => indexLiterals([exact('fine'), wrong])).toThrow(
    `Cannot search for literal 1: it has ${length} bytes, expected 1 to 4096`,
  );
});

function told(
  matcher: Matcher,
  text: Uint8Array,
  from: number,
  until: number,
  end: number,
): string[] {
  const found: string[] = [];
  matcher.bytes.set(text);
  matcher.match(from, until, end, (literal, at) => found.push(`${literal}@${at}`));
  return found.toSorted();
}
