import { expect, test } from '@jest/globals';
import { framesOfInterest } from '../../src/attribute/frames-of-interest.ts';
import { frame, physical } from '../../src/memory/address.ts';
import { FrameSet } from '../../src/memory/frame-set.ts';

const hit = (address: number, length: number) => ({
  pattern: 0,
  address: physical(address),
  length,
  openBefore: false,
  openAfter: false,
  crossesFrames: false,
});

test('the frames of a hit are those of its first and its last byte', () => {
  const frames = framesOfInterest({
    hits: [hit(0x1010, 14), hit(0x3ffe, 14), hit(0x5ff2, 14)],
    tails: new FrameSet(16),
  });
  const held = Array.from({ length: 16 }, (_, number) => number).filter((number) =>
    frames.has(frame(number)),
  );
  expect(held).toEqual([1, 3, 4, 5]);
});
