import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { frame } from '../../src/memory/address.ts';
import { FrameSet } from '../../src/memory/frame-set.ts';

const members = fc.uniqueArray(fc.nat({ max: 5000 }));

test('holds what was added, in ascending order, and counts it', () => {
  fc.assert(
    fc.property(members, (numbers) => {
      const frames = new FrameSet(5001);
      for (const number of numbers) frames.add(frame(number));
      expect([...frames]).toEqual(numbers.toSorted((a, b) => a - b));
      expect(frames.size).toBe(numbers.length);
      for (let number = 0; number <= 5000; number += 97) {
        expect(frames.has(number)).toBe(numbers.includes(number));
      }
    }),
  );
});

test('frames at its limit and beyond are never members, whatever their number', () => {
  const frames = new FrameSet(64);
  for (const number of [64, 2 ** 31, 2 ** 32, 2 ** 40]) {
    frames.add(frame(number));
    expect(frames.has(number)).toBe(false);
  }
  expect(frames.size).toBe(0);
});

test('two views of one buffer are one set: what a thread adds, the other sees', () => {
  const frames = new FrameSet(100);
  const other = new FrameSet(100, frames.words.buffer);
  other.add(frame(77));
  expect(frames.has(77)).toBe(true);
});

test('adds bits as it adds frames one by one, from any frame on and up to any limit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.nat(300),
      fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 5 }),
      fc.uniqueArray(fc.nat(300), { maxLength: 5 }),
      (limit, first, words, before) => {
        const [together, single] = [new FrameSet(limit), new FrameSet(limit)];
        for (const set of [together, single]) for (const one of before) set.add(frame(one));
        together.addBits(frame(first), Uint32Array.from(words));
        for (const [index, word] of words.entries()) {
          for (let bit = 0; bit < 32; bit += 1) {
            if ((word >>> bit) & 1) single.add(frame(first + 32 * index + bit));
          }
        }
        expect([...together]).toEqual([...single]);
      },
    ),
  );
});
