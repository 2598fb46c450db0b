import { expect, test } from '@jest/globals';
import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { DEFAULT_INVALID_MASK, invalidMaskOf } from '../../../src/os/windows/invalid-mask.ts';
import { FOUR_LEVEL } from '../../../src/translate/levels.ts';
import { PageCache } from '../../../src/translate/page-cache.ts';
import { PageTables, TABLE_BITS } from '../../support/page-tables.ts';

/** The mask that a machine's tables show, with these entries in one of them. */
function maskOf(entries: readonly bigint[]): number {
  const tables = new PageTables(FOUR_LEVEL, 64);
  const root = tables.root();
  tables.map(root, 0x1_0000n, 40, TABLE_BITS);
  entries.forEach((entry, index) => {
    tables.setEntry(root, 0x2_0000n + BigInt(index) * BigInt(PAGE_BYTES), entry, 'PT');
  });
  return invalidMaskOf(new PageCache(tables.memory(), 64), FOUR_LEVEL, [root]);
}

const transition = (frame: number, more = 0n): bigint => (BigInt(frame) << 12n) | 0x880n | more;
const many = (make: (index: number) => bigint, count = 40): bigint[] =>
  Array.from({ length: count }, (_, index) => make(index));

test.each<[string, readonly bigint[], number]>([
  ['nothing', [], DEFAULT_INVALID_MASK],
  ['entries with bit 45', many((n) => transition(n, 1n << 45n)), 1 << 13],
  ['few entries with bit 43', many((n) => transition(n, 1n << 43n), 3), 1 << 11],
  ['entries with two bits', many((n) => transition(n, (1n << 45n) | (1n << 46n))), 3 << 13],
  ['entries of a processor without the flaw', many((n) => transition(n)), 0],
  ['few such entries', many((n) => transition(n), 3), DEFAULT_INVALID_MASK],
  [
    'entries that are stored as they are, beside others',
    [...many((n) => transition(n, 0x10n)), ...many((n) => transition(n, 1n << 45n))],
    1 << 13,
  ],
  [
    'a few leftovers of something else',
    [...many((n) => transition(n, 1n << 45n)), transition(5), transition(6)],
    1 << 13,
  ],
  [
    'prototypes and pages in a file',
    many((n) => (BigInt(n) << 32n) | 0x480n),
    DEFAULT_INVALID_MASK,
  ],
])('%s', (_name, entries, expected) => expect(maskOf(entries)).toBe(expected));
