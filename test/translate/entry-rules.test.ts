import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PAGE_BYTES } from '../../src/memory/address.ts';
import { ABSENT, LEAF, MAY_ALL, TABLE, type EntryRules } from '../../src/translate/entry-rules.ts';
import { FIVE_LEVEL } from '../../src/translate/levels.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';
import { windowsRules } from '../../src/translate/windows-rules.ts';

/** What a walk relies on, whatever bytes the image holds. Every system's rules belong in this list. */
const RULES: readonly [string, EntryRules][] = [
  ['Linux', linuxRules({ encryptionMask: 0n })],
  ['Linux with encrypted memory', linuxRules({ encryptionMask: 1n << 51n })],
  ['Windows', windowsRules({ invalidMaskHigh: 0 })],
  ['Windows with inverted bits', windowsRules({ invalidMaskHigh: 1 << 13 })],
];

const never = (): never => {
  throw new Error('a paging mode without levels');
};

const half = fc.integer({ min: 0, max: 0xffff_ffff });
const level = fc.constantFrom(...FIVE_LEVEL.levels);

describe.each(RULES)('%s keeps the contract for any entry:', (_name, rules) => {
  test('tables only above the last level, pages only of a size that the level has', () => {
    fc.assert(
      fc.property(half, half, level, (low, high, at) => {
        const kind = rules.kind(low, high, at);
        const allowed = [
          ABSENT,
          ...(at.pageBytes === PAGE_BYTES ? [] : [TABLE]),
          ...(at.pageBytes === null ? [] : [LEAF]),
        ];
        expect(allowed).toContain(kind);
      }),
    );
  });

  test('frames are whole numbers of at most 40 bits, aligned to the page', () => {
    fc.assert(
      fc.property(half, half, level, (low, high, at) => {
        const kind = rules.kind(low, high, at);
        if (kind === ABSENT) return;
        const frame = rules.frame(low, high, at);
        expect(frame).toBeGreaterThanOrEqual(0);
        expect(frame).toBeLessThan(2 ** 40);
        expect(frame % (kind === LEAF ? at.entryPages : 1)).toBe(0);
      }),
    );
  });

  test('a page of the last level is told in one as by its two questions', () => {
    const pt = FIVE_LEVEL.levels.at(-1) ?? never();
    fc.assert(
      fc.property(half, half, (low, high) => {
        const isPage = rules.kind(low, high, pt) === LEAF;
        expect(rules.pageFrame(low, high)).toBe(isPage ? rules.frame(low, high, pt) : -1);
      }),
    );
  });

  test('permissions are none but the known ones', () => {
    fc.assert(
      fc.property(half, half, level, (low, high, at) => {
        expect(rules.permissions(low, high, at) & ~MAY_ALL).toBe(0);
      }),
    );
  });

  test('an empty entry is absent on every level', () => {
    for (const at of FIVE_LEVEL.levels) expect(rules.kind(0, 0, at)).toBe(ABSENT);
  });
});
