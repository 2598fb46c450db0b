import { expect, test } from '@jest/globals';
import type { BytePattern } from '../../src/indicator/pattern.ts';
import { physical } from '../../src/memory/address.ts';
import type { Hit } from '../../src/scan/hit.ts';
import { HitList, merged } from '../../src/scan/hit-list.ts';

const pattern = (indicator: number): BytePattern => ({
  indicator,
  spelling: 'text',
  encoding: 'ascii',
  bytes: Uint8Array.of(1, 2),
  ignoresCase: false,
});
const patterns = [pattern(0), pattern(0), pattern(1)];
const hit = (address: number, of = 0, length = 4): Hit => ({
  pattern: of,
  address: physical(address),
  length,
  openBefore: address % 2 === 0,
  openAfter: address % 3 === 0,
  crossesFrames: address % 5 === 0,
});

const columns = (perIndicator: number, ...blocks: Hit[][]) => {
  const list = new HitList(patterns, 2, perIndicator);
  for (const block of blocks) list.addBlock(block);
  return list.columns();
};

test('hits come back as they were, sorted, from all threads', () => {
  const many = Array.from({ length: 1000 }, (_, index) => hit(index * 7));
  const parts = [columns(5000, many.slice(500)), columns(5000, many.slice(0, 500).toReversed())];
  expect(merged(parts, patterns, 2, 5000)).toEqual({ hits: many, truncated: [0, 0] });
});

test('the longest reading of a place wins, then the earliest pattern; another indicator’s stays', () => {
  const parts = [
    columns(9, [hit(8, 1, 4), hit(8, 0, 4), hit(8, 2, 4)]),
    columns(9, [hit(8, 1, 6)]),
  ];
  expect(merged(parts, patterns, 2, 9).hits).toEqual([hit(8, 1, 6), hit(8, 2, 4)]);
  expect(merged(parts.slice(0, 1), patterns, 2, 9).hits).toEqual([hit(8, 0), hit(8, 2)]);
});

test('which hits are kept does not depend on how threads shared the work', () => {
  const all = [1, 2, 3, 4, 5, 6].map((address) => hit(address));
  const others = [hit(7, 2)];
  const shares = [
    [columns(3, all, others)],
    [columns(3, all.slice(0, 2), all.slice(4)), columns(3, all.slice(2, 4), others)],
    [columns(3, all.slice(3), others), columns(3, all.slice(0, 3))],
  ];
  for (const parts of shares) {
    expect(merged(parts, patterns, 2, 3)).toEqual({
      hits: [...all.slice(0, 3), ...others],
      truncated: [3, 0],
    });
  }
});
