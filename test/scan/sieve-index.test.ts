import { describe, expect, test } from '@jest/globals';
import { ENTRY_WORDS } from '../../src/scan/literal-index.ts';
import { tableOf } from '../../src/scan/literal-table.ts';
import { indexForSieve, type SieveIndex } from '../../src/scan/sieve-index.ts';
import { soughtFor } from './literals.ts';

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

const chosen = (texts: readonly string[]): 'windows' | 'thirds' => {
  const literals = soughtFor(texts);
  const { windows, rows } = indexForSieve(literals, tableOf(literals));
  expect(windows.length === 0).toBe(rows.length > 0);
  return windows.length > 0 ? 'windows' : 'thirds';
};

describe('of windows and thirds the cheaper one is looked at', () => {
  const four = ['35.178.122.152', '203.0.113.7', '198.51.100.23', '45.9.148.3'];
  const hundred = Array.from(
    { length: 100 },
    (_, number) => `${35 + number}.178.${2 * number}.152`,
  );

  test('two addresses: windows', () => {
    expect(chosen(four.slice(2))).toBe('windows');
  });

  test.each([
    ['four', four],
    ['a hundred', hundred],
  ])('%s addresses: thirds', (_, addresses) => {
    expect(chosen(addresses)).toBe('thirds');
  });

  test('a few domains: windows, since letters tell more than digits do', () => {
    const names = ['evil.example', 'update.example.net', 'cdn7.example.org'];
    expect(chosen(names)).toBe('windows');
  });
});
