import { expect, test } from '@jest/globals';
import { VAD_SHAPES } from '../../../src/os/windows/offsets/shapes.ts';
import { readVads, vadAt } from '../../../src/os/windows/vads.ts';
import { FakeMemory } from './fake-memory.ts';

const layout = VAD_SHAPES[3];
if (layout === undefined) throw new Error('no shape');
const ROOT = 0xffff_8000_0000_0000n;
const node = (index: number): bigint => 0xffff_8000_0010_0000n + BigInt(index) * 0x100n;

/** Nodes of a tree: first and last page, children by index. */
function tree(
  ...nodes: readonly (readonly [start: number, end: number, left?: number, right?: number])[]
): FakeMemory {
  const memory = new FakeMemory().u64(ROOT, node(0));
  nodes.forEach(([start, end, left, right], index) => {
    const at = node(index);
    memory
      .zeros(at - 16n, 0x80)
      .text(at - 12n, 'VadS')
      .u64(at, left === undefined ? 0n : node(left))
      .u64(at + 8n, right === undefined ? 0n : node(right))
      .u32(at + 24n, start)
      .u32(at + 28n, end)
      // Private, RW: bit 14, protection 4.
      .u32(at + 48n, (1 << 14) | (4 << 3));
  });
  return memory;
}

const ranges = (memory: FakeMemory) => {
  const { vads, lost } = readVads(memory.structures, layout, ROOT);
  return { ranges: vads.map(({ start, end }) => [start, end]), lost };
};

test('the areas of a tree, ascending', () => {
  const read = readVads(tree([50, 59, 1, 2], [10, 19], [90, 99]).structures, layout, ROOT);
  expect(read.vads.map(({ start, end }) => [start, end])).toEqual([
    [10, 19],
    [50, 59],
    [90, 99],
  ]);
  expect(read.vads[0]).toMatchObject({ isPrivate: true, protection: 4, type: 0, subsection: 0n });
  expect(read.lost).toBe(0);
});

test('a tree that leads back to itself is read once', () => {
  expect(ranges(tree([50, 59, 1, 0], [10, 19, 0, 1]))).toEqual({
    ranges: [
      [10, 19],
      [50, 59],
    ],
    lost: 0,
  });
});

test('what is no node, or overlaps another, is counted as lost', () => {
  const memory = tree([50, 59, 1, 2], [55, 70], [90, 80]);
  expect(ranges(memory)).toEqual({ ranges: [[50, 59]], lost: 2 });
});

test('an area is found by a page in it', () => {
  const { vads } = readVads(tree([50, 59, 1], [10, 19]).structures, layout, ROOT);
  expect([9, 10, 19, 20, 55, 60].map((page) => vadAt(vads, page)?.start ?? null)).toEqual([
    null,
    10,
    10,
    null,
    50,
    null,
  ]);
});
