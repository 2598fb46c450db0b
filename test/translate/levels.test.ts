import { describe, expect, test } from '@jest/globals';
import { PAGE_BYTES } from '../../src/memory/address.ts';
import {
  FIVE_LEVEL,
  FOUR_LEVEL,
  TABLE_ENTRIES,
  halfPages,
  isCanonical,
  type PagingMode,
} from '../../src/translate/levels.ts';

describe.each([FOUR_LEVEL, FIVE_LEVEL])('$name', (mode) => {
  test('an entry covers exactly one table of the next level, and the last level covers pages', () => {
    const covered = mode.levels.map(({ entryPages }) => entryPages);
    expect(covered.at(-1)).toBe(1);
    expect(covered.slice(0, -1)).toEqual(covered.slice(1).map((pages) => pages * TABLE_ENTRIES));
  });

  test('a page that an entry maps is as large as what the entry covers', () => {
    for (const { entryPages, pageBytes } of mode.levels) {
      if (pageBytes !== null) expect(pageBytes).toBe(entryPages * PAGE_BYTES);
    }
  });

  test('the two halves together are one root table', () => {
    const top = mode.levels[0];
    expect(top?.isTop).toBe(true);
    expect(2 * halfPages(mode)).toBe((top?.entryPages ?? 0) * TABLE_ENTRIES);
    expect(mode.levels.filter(({ isTop }) => isTop)).toHaveLength(1);
  });
});

test.each<[PagingMode, bigint, boolean]>([
  [FOUR_LEVEL, 0n, true],
  [FOUR_LEVEL, 0x0000_7fff_ffff_f000n, true],
  [FOUR_LEVEL, 0x0000_8000_0000_0000n, false],
  [FOUR_LEVEL, 0xffff_7fff_ffff_f000n, false],
  [FOUR_LEVEL, 0xffff_8000_0000_0000n, true],
  [FOUR_LEVEL, 0xffff_ffff_ffff_f000n, true],
  [FIVE_LEVEL, 0x00ff_ffff_ffff_f000n, true],
  [FIVE_LEVEL, 0x0100_0000_0000_0000n, false],
  [FIVE_LEVEL, 0xff11_0000_0000_0000n, true],
])('in $name, %p is canonical: %p', (mode, address, expected) => {
  expect(isCanonical(Number(address >> 12n), mode)).toBe(expected);
});

test.each([-1, 2 ** 52])('page number %p is none', (page) => {
  expect(isCanonical(page, FIVE_LEVEL)).toBe(false);
});
