import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { physical } from '../../src/memory/address.ts';
import { BlockPlan } from '../../src/scan/block-plan.ts';

const run = (start: number, length: number) => ({
  start: physical(start),
  length,
  fileOffset: null,
});

test('blocks cover all runs once, in order, and end on page edges or with their run', () => {
  const gaps = fc.array(fc.tuple(fc.nat(40_000), fc.integer({ min: 1, max: 60_000 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(gaps, fc.constantFrom(4096, 16_384), (stretches, blockBytes) => {
      let end = 0;
      const runs = stretches.map(([gap, length]) => {
        const next = run(end + gap, length);
        end += gap + length;
        return next;
      });
      const plan = new BlockPlan(runs, blockBytes);
      const blocks = Array.from({ length: plan.count }, (_, number) => plan.block(number));
      const ends = new Set(runs.map(({ start, length }) => start + length));
      let covered = 0;
      for (const [number, block] of blocks.entries()) {
        covered += block.end - block.start;
        expect(block.end).toBeGreaterThan(block.start);
        expect(block.start).toBeGreaterThanOrEqual(blocks[number - 1]?.end ?? 0);
        expect(block.end % blockBytes === 0 || ends.has(block.end)).toBe(true);
      }
      expect(covered).toBe(plan.bytes);
      expect(covered).toBe(runs.reduce((sum, { length }) => sum + length, 0));
    }),
  );
});

test('a block reads on for one page, up to the next hole, over the edge of runs that touch', () => {
  const plan = new BlockPlan([run(0, 8192), run(8192, 100), run(12_288, 4096)], 8192);
  expect([0, 1, 2].map((number) => plan.block(number))).toEqual([
    { start: 0, end: 8192, readEnd: 8292 },
    { start: 8192, end: 8292, readEnd: 8292 },
    { start: 12_288, end: 16_384, readEnd: 16_384 },
  ]);
});

test('a run that claims four petabytes costs nothing to plan', () => {
  const plan = new BlockPlan([run(0, 2 ** 52)], 2 ** 18);
  expect(plan.count).toBe(2 ** 34);
  expect(plan.block(2 ** 34 - 1).end).toBe(2 ** 52);
});

test('there is no block after the last', () => {
  expect(() => new BlockPlan([], 4096).block(0)).toThrow('No block 0 of 0');
});
