import { expect, test } from '@jest/globals';
import { virtual } from '../../src/memory/address.ts';
import { regionsOf } from '../../src/report/region-strip.ts';
import {
  attributionOf,
  fakeEngine,
  findingsOf,
  occurrenceOf,
  ownerOf,
  processOf,
  regionOf,
} from '../support/fake-engine.ts';

const regions = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    regionOf('anonymous', {
      start: virtual(BigInt(index) * 0x1000n),
      end: virtual(BigInt(index + 1) * 0x1000n),
    }),
  );
const strip = (count: number, hitIn: number) => {
  const all = regions(count);
  return regionsOf(
    attributionOf(),
    processOf(),
    findingsOf({
      engine: fakeEngine({ regions: () => all }),
      located: {
        occurrences: [occurrenceOf({ owners: [ownerOf({ region: all[hitIn] ?? null })] })],
        nearMisses: 0,
      },
    }),
  );
};

test('every region is told with its hits', () => {
  expect(strip(3, 1).map(({ start, hits }) => [start, hits])).toEqual([
    ['0x0', 0],
    ['0x1000', 1],
    ['0x2000', 0],
  ]);
});

test('of too many regions those with hits are told', () => {
  expect(strip(1000, 900)).toMatchObject([{ start: '0x384000', hits: 1 }]);
});
