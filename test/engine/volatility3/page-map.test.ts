import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PageMap } from '../../../src/engine/volatility3/page-map.ts';
import { frame } from '../../../src/memory/address.ts';
import { FrameSet } from '../../../src/memory/frame-set.ts';

const mapOf = (...runs: readonly (readonly [page: number, frame: number, pages: number])[]) =>
  new PageMap(Float64Array.from(runs.flat()));

function setOf(...frames: readonly number[]): FrameSet {
  const set = new FrameSet(1024);
  for (const one of frames) set.add(frame(one));
  return set;
}
const ALL = setOf(...Array.from({ length: 1024 }, (_, index) => index));
const NONE = setOf();

function walked(map: PageMap, interest: FrameSet, tails = NONE, heads = NONE, larger = ALL) {
  const pages: [number, number][] = [];
  const seams: [number, number, number][] = [];
  map.walk(
    { interest, tails, heads, larger },
    (page, at) => pages.push([page, at]),
    (page, first, second) => seams.push([page, first, second]),
  );
  return { pages, seams };
}

test('a page has the frame of its run, and none between runs', () => {
  const map = mapOf([10, 100, 3], [20, 7, 1]);
  expect([9, 10, 12, 13, 19, 20, 21].map((page) => map.frameOf(page))).toEqual([
    null,
    100,
    102,
    null,
    null,
    7,
    null,
  ]);
  expect(map.pages).toBe(4);
});

test('walk() tells wanted pages, and seams where pages in a row have frames that are not', () => {
  const map = mapOf([10, 100, 2], [12, 50, 1], [13, 51, 1], [15, 80, 1]);
  const { pages, seams } = walked(map, setOf(101, 51), ALL, ALL);
  expect(pages).toEqual([
    [11, 101],
    [13, 51],
  ]);
  // 50 and 51 are neighbours, and page 14 is missing.
  expect(seams).toEqual([[11, 101, 50]]);
  expect(walked(map, ALL, setOf(101), setOf(51)).seams).toEqual([]);
  expect(walked(map, ALL, ALL, ALL, NONE).seams).toEqual([]);
});

test('a run of more frames than any machine has costs no time', () => {
  const { pages } = walked(mapOf([0, 1000, 2 ** 39]), ALL);
  expect(pages.length).toBe(24);
});

test.each([
  ['not whole', [1.5, 1, 1]],
  ['no numbers', [Number.NaN, 1, 1]],
  ['below nothing', [-1, 1, 1]],
  ['beyond every address', [2 ** 50, 1, 1]],
  ['frames beyond every address', [1, 2 ** 50, 1]],
  ['empty', [1, 1, 0]],
] as const)('a run that is %s is left out', (_name, run) => {
  expect(mapOf(run, [100, 5, 1]).pages).toBe(1);
});

test('runs that go back or overlap are left out', () => {
  expect(mapOf([10, 1, 4], [12, 9, 4], [5, 9, 1], [14, 9, 1]).pages).toBe(5);
});

test('frameOf() and walk() say the same', () => {
  const run = fc.tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: 900 }),
    fc.integer({ min: 1, max: 20 }),
  );
  fc.assert(
    fc.property(fc.array(run, { maxLength: 20 }), (gaps) => {
      let page = 0;
      const map = mapOf(
        ...gaps.map(([gap, first, pages]): [number, number, number] => {
          const start = page + gap;
          page = start + pages;
          return [start, first, pages];
        }),
      );
      for (const [at, found] of walked(map, ALL).pages) expect(map.frameOf(at)).toBe(found);
      expect(walked(map, ALL).pages.length).toBe(map.pages);
    }),
  );
});
