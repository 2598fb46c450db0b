import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lastStart } from '../../src/image/last-start.ts';

test('the last start that lies at or below an offset, -1 below all', () => {
  const offset = fc.integer({ min: 0, max: 50 });
  fc.assert(
    fc.property(fc.array(offset), offset, (numbers, at) => {
      const starts = Float64Array.from(numbers).toSorted();
      expect(lastStart(starts, at)).toBe(starts.findLastIndex((start) => start <= at));
    }),
  );
});
