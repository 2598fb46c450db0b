import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameSet } from '../../src/memory/frame-set.ts';
import { WantedFrames } from '../../src/translate/wanted-frames.ts';
import { framesOf } from '../support/frames.ts';

const LIMIT = 5000;
const none = new FrameSet(0);
const someFrames = fc.uniqueArray(fc.nat({ max: LIMIT - 1 }), { maxLength: 200 });

test('holds what any of its sets holds, also by ranges of large pages', () => {
  fc.assert(
    fc.property(someFrames, someFrames, fc.nat({ max: 12 }), (one, other, block) => {
      const wanted = new WantedFrames(framesOf(one, LIMIT), {
        tails: none,
        heads: framesOf(other, LIMIT + 77),
      });
      const members = new Set([...one, ...other]);
      const all = Array.from({ length: LIMIT + 100 }, (_, n) => n);
      expect(all.filter((n) => wanted.has(n))).toEqual(all.filter((n) => members.has(n)));

      const start = block * 512;
      const found: number[] = [];
      for (let r = wanted.rank(start); r < wanted.rank(start + 512); r += 1) {
        found.push(wanted.at(r));
      }
      const inBlock = [...members].filter((member) => member >= start && member < start + 512);
      expect(found).toEqual(inBlock.toSorted((a, b) => a - b));
    }),
    { numRuns: 30 },
  );
});

test.each([2 ** 31, 2 ** 32 + 5, 2 ** 40 - 512])(
  'frame %p of a damaged entry is no member',
  (far) => {
    const wanted = new WantedFrames(framesOf([5], LIMIT), {
      tails: framesOf([4999], LIMIT),
      heads: none,
    });
    expect(wanted.has(far)).toBe(false);
    expect(wanted.rank(far - (far % 512))).toBe(2);
  },
);

test('of empty sets there is no member', () => {
  const wanted = new WantedFrames(none, { tails: none, heads: none });
  expect(wanted.has(0)).toBe(false);
  expect(wanted.rank(512)).toBe(wanted.rank(0));
});

test('two frames may join at a seam where a tail meets a head that is no neighbour', () => {
  const wanted = new WantedFrames(framesOf([1]), {
    tails: framesOf([2, 5]),
    heads: framesOf([3, 9]),
  });
  expect(wanted.mayJoin(2, 9)).toBe(true);
  expect(wanted.mayJoin(5, 3)).toBe(true);
  expect(wanted.mayJoin(2, 3)).toBe(false);
  expect(wanted.mayJoin(9, 2)).toBe(false);
  expect([1, 2, 3, 4].map((n) => wanted.isWorthy(0, n, 0))).toEqual([true, false, false, false]);
  // What stands beside it is not known.
  expect([1, 2, 3, 4].map((n) => wanted.isWorthy(0, n, -1))).toEqual([true, true, false, false]);
  expect([1, 2, 3, 4].map((n) => wanted.isWorthy(-1, n, 0))).toEqual([true, false, true, false]);
  expect([wanted.isWorthy(0, 2, 9), wanted.isWorthy(5, 3, 0)]).toEqual([true, true]);
});
