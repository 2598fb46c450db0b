import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PagePlan } from '../../src/index-file/page-plan.ts';
import { setBit } from '../../src/index-file/page-bits.ts';
import { physical } from '../../src/memory/address.ts';
import { FrameSet } from '../../src/memory/frame-set.ts';

const runs = fc
  .array(fc.record({ gap: fc.nat(9000), length: fc.nat(20_000) }), { maxLength: 8 })
  .map((parts) => {
    let at = 0;
    return parts.map(({ gap, length }) => {
      const start = physical(at + gap);
      at = start + length;
      return { start, length, fileOffset: null };
    });
  });

test('every byte of every run has one number; numbers and addresses ascend together', () => {
  fc.assert(
    fc.property(runs, (memory) => {
      const plan = new PagePlan(memory);
      const pieces = Array.from({ length: plan.count }, (_, number) => plan.held(number));
      for (const [number, { frame, start, end, stretchEnd }] of pieces.entries()) {
        expect(start).toBeLessThan(end);
        expect(end).toBeLessThanOrEqual(stretchEnd);
        expect(Math.floor(start / 4096)).toBe(frame);
        expect(Math.floor((end - 1) / 4096)).toBe(frame);
        expect(start).toBeGreaterThanOrEqual(pieces[number - 1]?.end ?? 0);
        expect([plan.numberAt(start), plan.numberAt(end - 1)]).toEqual([number, number]);
      }
      const bytes = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(bytes).toBe(memory.reduce((sum, { length }) => sum + length, 0));
    }),
  );
});

test('the frames of a set of pages are those of each of its pages', () => {
  const aligned = fc
    .array(fc.record({ gap: fc.nat(3), pages: fc.nat(300) }), { maxLength: 5 })
    .map((parts) => {
      let at = 0;
      return parts.map(({ gap, pages }) => {
        const start = physical(at + gap * 32 * 4096);
        const length = pages * 4096;
        at = start + length;
        return { start, length, fileOffset: null };
      });
    });
  // Of frames that the set has no room for nothing is kept: an image can claim any.
  const limits = fc.constantFrom(2 ** 16, 0, 1, 100, 320);
  const ins = fc.infiniteStream(fc.boolean());
  fc.assert(
    fc.property(fc.oneof(runs, aligned), ins, limits, (memory, isIn, limit) => {
      const plan = new PagePlan(memory);
      const set = new Uint32Array(Math.ceil(plan.count / 32));
      const frames = new FrameSet(limit);
      const expected = new Set<number>();
      for (let number = 0; number < plan.count; number += 1) {
        expect(plan.frameOf(number)).toBe(plan.held(number).frame);
        if (isIn.next().value !== true) continue;
        setBit(set, number);
        if (plan.frameOf(number) < limit) expected.add(plan.frameOf(number));
      }
      plan.addFrames(set, frames);
      expect([...frames]).toEqual([...expected]);
    }),
  );
});
