import { expect, test } from '@jest/globals';
import { mayJoin } from '../../src/translate/halves.ts';
import { framesOf } from '../support/frames.ts';

const halves = { tails: framesOf([2, 5]), heads: framesOf([3, 9]) };

test.each<[string, readonly number[] | null, number, number, boolean]>([
  ['a tail and a head', null, 2, 9, true],
  ['neighbours, which are no seam', null, 2, 3, false],
  ['a head and a tail', null, 9, 2, false],
  ['the first the larger', [2], 2, 9, true],
  ['the second the larger', [9], 2, 9, true],
  ['none of both the larger', [5, 3], 2, 9, false],
])('a text may run from one frame into another: %s', (_what, larger, first, second, expected) => {
  const known = larger === null ? halves : { ...halves, larger: framesOf(larger) };
  expect(mayJoin(known, first, second)).toBe(expected);
});
