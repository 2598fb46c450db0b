import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameBitmap } from '../../src/image/frame-bitmap.ts';

test('rank, count and runs agree with counting one by one', () => {
  const bytes = fc.array(fc.constantFrom(0, 0xff, 0x80, 0x01, 0x5a), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(bytes, (list) => {
      const bitmap = new FrameBitmap(Uint8Array.from(list));
      const held = list.flatMap((byte, index) =>
        [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => index * 8 + bit),
      );
      const { runs, bridged } = bitmap.runs();
      expect(bitmap.count).toBe(held.length);
      expect(held.every((frame, rank) => bitmap.has(frame) && bitmap.rank(frame) === rank)).toBe(
        true,
      );
      expect(bridged).toBe(0);
      expect(
        runs.flatMap(({ start, length }) =>
          Array.from({ length: length / 4096 }, (_, index) => start / 4096 + index),
        ),
      ).toEqual(held);
    }),
  );
});

test('runs are bounded: small gaps are counted in, and told', () => {
  const { runs, bridged } = new FrameBitmap(new Uint8Array(100).fill(0x55)).runs(10);
  expect({ runs: runs.length, bridged }).toEqual({ runs: 1, bridged: 1 });
});
