import { expect, test } from '@jest/globals';
import { PAGE_BYTES } from '../../src/memory/address.ts';
import { COMPRESSED, NOWHERE, PAGED_OUT } from '../../src/translate/absent-pages.ts';
import { LeafTable } from '../../src/translate/leaf-table.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';
import { WantedFrames } from '../../src/translate/wanted-frames.ts';
import { framesOf } from '../support/frames.ts';
import { memoryOf, TABLE_BITS } from '../support/page-tables.ts';

const RULES = linuxRules({ encryptionMask: 0n });
const LIMIT = 1000;

/** A table in frame 1, with entries at their indices. */
function tableOf(entries: Readonly<Record<number, bigint>>) {
  const bytes = Buffer.alloc(2 * PAGE_BYTES);
  for (const [index, entry] of Object.entries(entries)) {
    bytes.writeBigUInt64LE(entry, PAGE_BYTES + 8 * Number(index));
  }
  return memoryOf(bytes);
}

const page = (frame: number): bigint => (BigInt(frame) << 12n) | TABLE_BITS;

const absenceOf = (low: number, high: number) =>
  low === 2 ? COMPRESSED : low === 4 || high === 2 ** 31 ? PAGED_OUT : NOWHERE;

function read(
  entries: Readonly<Record<number, bigint>>,
  asked: { interest?: number[]; tails?: number[]; heads?: number[] },
) {
  const { interest = [], tails = [], heads = [] } = asked;
  const wanted = new WantedFrames(framesOf(interest), {
    tails: framesOf(tails),
    heads: framesOf(heads),
  });
  const table = new LeafTable(tableOf(entries), RULES, wanted, LIMIT, absenceOf);
  const isRead = table.read(1);
  return { table, isRead, noted: [...table.noted.subarray(0, table.notedCount)] };
}

test('of all pages those with a wanted frame are noted', () => {
  const { table, noted } = read(
    { 3: page(20), 4: page(21), 511: page(22) },
    { interest: [20, 22] },
  );
  expect(table.leaves).toBe(3);
  expect(noted).toEqual([3, 511]);
  expect([2, 3, 4, 511, 512].map((index) => table.frame(index))).toEqual([-1, 20, 21, 22, -1]);
});

test.each<[string, Record<number, bigint>, number[]]>([
  ['with the other side beside it', { 3: page(20), 4: page(30) }, [3, 4]],
  ['with a page beside it that is no other side', { 3: page(20), 4: page(40) }, []],
  ['with nothing beside it', { 3: page(20) }, [3]],
  ['at the end of the table', { 510: page(40), 511: page(20) }, [511]],
  ['at the start of the table', { 0: page(30), 1: page(40) }, [0]],
])('one side of a seam is noted or not: %s', (_what, entries, expected) => {
  expect(read(entries, { tails: [20], heads: [30] }).noted).toEqual(expected);
});

// A damaged entry can name a frame that 32 bits cannot.
test('a frame is not taken for the one that its lower 32 bits name', () => {
  const entries = { 3: page(20), 4: page(2 ** 32 + 20), 5: page(2 ** 32 + 20) };
  expect(read(entries, { interest: [20] }).noted).toEqual([3]);
});

test('what stands in the place of a table and leads out of RAM is none', () => {
  const outside = { 0: page(5000), 1: page(5001), 2: page(5002) };
  expect(read({ ...outside, 9: page(20) }, { interest: [20] }).isRead).toBe(false);
  expect(read({ 0: page(5000), 9: page(20) }, { interest: [20] }).isRead).toBe(true);
});

// As a number with a sign it is zero: -0.
test('an absent page is counted by its highest bit alone', () => {
  const { table } = read({ 7: 1n << 63n }, {});
  expect(table.pagedOut).toBe(1);
});

test('absent pages are counted once, however often the table is read', () => {
  const { table } = read({ 0: 2n, 1: 4n, 2: 4n, 3: 8n }, {});
  expect(table.read(1)).toBe(true);
  expect([table.compressed, table.pagedOut]).toEqual([1, 2]);
});

test('a table that the image lacks is none', () => {
  const { table } = read({}, {});
  expect(table.read(7)).toBe(false);
});
