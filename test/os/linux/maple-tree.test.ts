import { expect, test } from '@jest/globals';
import { Btf } from '../../../src/os/linux/btf.ts';
import { mapleEntries } from '../../../src/os/linux/maple-tree.ts';
import { Structures } from '../../../src/os/linux/structures.ts';
import { encodeBtf } from './encode-btf.ts';
import { VirtualBytes } from './virtual-bytes.ts';

const words = (name: string, count: number, bit: number) => [name, count, bit] as const;
/** Types 2 to 4 are arrays of 15 pivots, 16 slots; 5 and 6 of 9 pivots, 10 slots. */
const BTF = Btf.parse(
  encodeBtf([
    { name: 'long', kind: 1, size: 8, words: [64] },
    { kind: 3, words: [1, 1, 15] },
    { kind: 3, words: [1, 1, 16] },
    { kind: 3, words: [1, 1, 9] },
    { kind: 3, words: [1, 1, 10] },
    { name: 'maple_tree', kind: 4, size: 24, members: [words('ma_root', 1, 64)] },
    {
      name: 'maple_range_64',
      kind: 4,
      size: 256,
      members: [words('pivot', 2, 64), words('slot', 3, 1024)],
    },
    {
      name: 'maple_arange_64',
      kind: 4,
      size: 256,
      members: [words('pivot', 4, 64), words('slot', 5, 640)],
    },
  ]),
);
const TREE = 0xffff_8880_0000_0000n;
const NODE = 0xffff_8880_0001_0000n;
const VMA = 0xffff_8880_0010_0000n;
const LEAF = 1;
const RANGE = 2;
const ALLOCATION = 3;
const link = (node: bigint, type: number): bigint => node | BigInt(type << 3) | 2n;

/** A node of [upper end, entry] pairs; the rest of it is 0. */
function writeNode(
  memory: VirtualBytes,
  node: bigint,
  type: number,
  entries: readonly (readonly [pivot: bigint, entry: bigint])[],
): void {
  memory.text(node, new Uint8Array(256)).word(node, TREE);
  const [slots, pivots] = type === ALLOCATION ? [0x50n, 9] : [0x80n, 15];
  entries.forEach(([pivot, entry], index) => {
    if (index < pivots) memory.word(node + 8n + BigInt(index * 8), pivot);
    memory.word(node + slots + BigInt(index * 8), entry);
  });
}

function read(memory: VirtualBytes): { found: bigint[]; isWhole: boolean } {
  const found: bigint[] = [];
  if (BTF === null) throw new Error('the types of the test are broken');
  const isWhole = mapleEntries(new Structures(memory), BTF, TREE, found);
  return { found, isWhole };
}

const tree = (root: bigint): VirtualBytes => new VirtualBytes().word(TREE + 8n, root);

test('an empty tree has nothing, a tree of one entry has that', () => {
  expect(read(tree(0n))).toEqual({ found: [], isWhole: true });
  expect(read(tree(VMA))).toEqual({ found: [VMA], isWhole: true });
});

test('entries come in ascending order over all levels; gaps are left out', () => {
  const memory = tree(link(NODE, ALLOCATION));
  writeNode(memory, NODE, ALLOCATION, [[0xfffn, link(NODE + 0x100n, LEAF)], [0n, link(NODE + 0x200n, RANGE)]]); // prettier-ignore
  writeNode(memory, NODE + 0x100n, LEAF, [[0x1ffn, 0n], [0x2ffn, VMA], [0xfffn, VMA + 0x100n]]); // prettier-ignore
  writeNode(memory, NODE + 0x200n, RANGE, [[0n, link(NODE + 0x300n, LEAF)]]);
  writeNode(memory, NODE + 0x300n, LEAF, [[0x1fffn, VMA + 0x200n]]);
  expect(read(memory)).toEqual({ found: [VMA, VMA + 0x100n, VMA + 0x200n], isWhole: true });
});

test('what stands behind the end of a node is not an entry', () => {
  const memory = tree(link(NODE, LEAF));
  writeNode(memory, NODE, LEAF, [[0xfffn, VMA], [0n, 0n], [0x1fffn, VMA + 0x100n]]); // prettier-ignore
  expect(read(memory).found).toEqual([VMA]);
});

test('a full leaf has as many entries as slots', () => {
  const memory = tree(link(NODE, LEAF));
  const all = Array.from({ length: 16 }, (_, index) => VMA + BigInt(index * 0x100));
  writeNode(
    memory,
    NODE,
    LEAF,
    all.map((vma, index) => [BigInt(index + 1) << 12n, vma] as const),
  );
  expect(read(memory)).toEqual({ found: all, isWhole: true });
});

test.each<[string, (memory: VirtualBytes) => unknown]>([
  ['a node that leads to itself', (m) => writeNode(m, NODE, RANGE, [[0n, link(NODE, RANGE)]])],
  ['a node that has left the tree', (m) => m.text(NODE, new Uint8Array(256)).word(NODE, NODE)],
  ['a link to user memory', (m) => writeNode(m, NODE, RANGE, [[0n, link(0x1000n, LEAF)]])],
  ['a node of unknown type', (m) => writeNode(m, NODE, RANGE, [[0n, link(NODE + 0x100n, 9)]])],
])('%s ends the walk, and is said', (_, damage) => {
  const memory = tree(link(NODE, RANGE));
  damage(memory);
  expect(read(memory)).toEqual({ found: [], isWhole: false });
});

test('a chain of nodes deeper than any tree ends', () => {
  const memory = tree(link(NODE, RANGE));
  for (let depth = 0n; depth < 100n; depth += 1n) {
    const node = NODE + depth * 0x100n;
    writeNode(memory, node, RANGE, [[0n, link(node + 0x100n, RANGE)]]);
  }
  expect(read(memory)).toEqual({ found: [], isWhole: false });
});
