import { describe, expect, test } from '@jest/globals';
import { ENTRY_WORDS } from '../../src/scan/literal-index.ts';
import { tableOf } from '../../src/scan/literal-table.ts';
import { indexForSieve, type SieveIndex } from '../../src/scan/sieve-index.ts';

const indexOf = (texts: readonly string[]): SieveIndex => {
  const literals = texts.map((text) => ({
    bytes: Uint8Array.from(Buffer.from(text, 'latin1')),
    ignoresCase: false,
  }));
  return indexForSieve(literals, tableOf(literals), null, 0);
};

describe('of literals without a key each is compared wherever one may stand, so', () => {
  test.each([['1:'], ['20:'], ['1\0:\0']])('%j has one', (text) => {
    const { anyHead, shortMarks } = indexOf([text]);
    expect(anyHead).toBe(0);
    expect(shortMarks.some((word) => word !== 0xffffffff)).toBe(true);
  });

  test('only a single byte has none', () => {
    const { anyHead, entries } = indexOf(['a']);
    expect(anyHead).toBe(3);
    expect(entries).toHaveLength(3 * ENTRY_WORDS);
  });
});
