import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PagePlan } from '../../src/index-file/page-plan.ts';
import { physical } from '../../src/memory/address.ts';

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
