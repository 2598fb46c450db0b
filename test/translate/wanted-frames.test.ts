import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WantedFrames } from '../../src/translate/wanted-frames.ts';
import { framesOf } from '../support/frames.ts';

const LIMIT = 5000;
const someFrames = fc.uniqueArray(fc.nat({ max: LIMIT - 1 }), { maxLength: 200 });

test('holds what any of its sets holds, also by ranges of large pages', () => {
  fc.assert(
    fc.property(someFrames, someFrames, fc.nat({ max: 12 }), (one, other, block) => {
      const wanted = new WantedFrames([framesOf(one, LIMIT), framesOf(other, LIMIT + 77)]);
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
    const wanted = new WantedFrames([framesOf([5, 4999], LIMIT)]);
    expect(wanted.has(far)).toBe(false);
    expect(wanted.rank(far - (far % 512))).toBe(2);
  },
);

test('without sets there is no member', () => {
  const wanted = new WantedFrames([]);
  expect(wanted.has(0)).toBe(false);
  expect(wanted.rank(512)).toBe(wanted.rank(0));
});
