import { expect, test } from '@jest/globals';
import { regionFinder } from '../../src/attribute/region-finder.ts';
import { virtual } from '../../src/memory/address.ts';
import { fakeEngine, regionOf } from '../support/fake-engine.ts';

const region = (start: bigint, end: bigint) =>
  regionOf('anonymous', { start: virtual(start), end: virtual(end) });

test.each([
  [0x0fffn, null],
  [0x1000n, 0x1000n],
  [0x1fffn, 0x1000n],
  [0x2000n, 0x2000n],
  [0x3000n, null],
  [0x8000n, 0x8000n],
  [0x9000n, null],
])('the region of 0x%s begins at %s', (address, start) => {
  const regions = [region(0x1000n, 0x2000n), region(0x2000n, 0x3000n), region(0x8000n, 0x9000n)];
  const find = regionFinder(fakeEngine({ regions: () => regions }));
  expect(find(0, virtual(address))?.start ?? null).toBe(start);
});

test('the regions of a process are read once, and only when asked', () => {
  let reads = 0;
  const engine = fakeEngine({
    regions: () => {
      reads += 1;
      return [];
    },
  });
  const find = regionFinder(engine);
  expect(reads).toBe(0);
  find(0, virtual(1n));
  find(0, virtual(2n));
  expect(reads).toBe(1);
});

test('a process that is not there has no region', () => {
  expect(regionFinder(fakeEngine())(7, virtual(1n))).toBeNull();
});
