/**
 * The tree of regions since 6.1: ranges of addresses in nodes of 256 bytes.
 *
 * leaf_64 (type 1):   parent | pivot[15] at 8 | slot[16] at 0x80
 * arange_64 (type 3): parent | pivot[9] at 8 | slot[10] at 0x50 | gap[10] at 0xa0 | end, gap at 0xf0
 * A pivot is the last address of its range; a range that no region fills has an empty slot.
 *
 * Source: include/linux/maple_tree.h, lib/maple_tree.c.
 */
import type { KernelObjects } from './kernel-objects.ts';
import { integer } from './kernel-objects.ts';
import type { Random } from './random.ts';

export interface Range {
  /** Inclusive. */
  readonly last: bigint;
  /** vm_area_struct, node with its type, or 0. */
  readonly slot: bigint;
}

const NODE_BYTES = 256;
const LEAF = { type: 1n, slots: 16, pivots: 15, slotsAt: 0x80n };
const INNER = { type: 3n, slots: 10, pivots: 9, slotsAt: 0x50n };
const MAXIMUM = 0xffff_ffff_ffff_ffffn;

/** Writes the tree over these regions (ascending) and returns its root as ma_root holds it. */
export function writeMapleTree(
  objects: KernelObjects,
  random: Random,
  tree: bigint,
  regions: readonly { readonly start: bigint; readonly end: bigint; readonly object: bigint }[],
): bigint {
  const ranges: Range[] = [];
  let next = 0n;
  for (const { start, end, object } of regions) {
    if (start > next) ranges.push({ last: start - 1n, slot: 0n });
    ranges.push({ last: end - 1n, slot: object });
    next = end;
  }
  ranges.push({ last: MAXIMUM, slot: 0n });

  let level = pack(ranges, LEAF, random).map((part) => writeNode(objects, random, part, LEAF));
  while (level.length > 1) {
    level = pack(level, INNER, random).map((part) => writeNode(objects, random, part, INNER));
  }
  const root = level[0]?.slot ?? 0n;
  // The root's parent is its tree, marked by the lowest bit.
  objects.writePointer(root & ~0xffn, tree | 1n);
  return root | 2n;
}

/** Nodes are seldom full: each gets half to all of what it can hold. */
function pack(ranges: readonly Range[], { slots }: typeof LEAF, random: Random): Range[][] {
  if (ranges.length <= slots) return [[...ranges]];
  const parts: Range[][] = [];
  for (let at = 0; at < ranges.length;) {
    const count = slots / 2 + random.below(slots / 2 + 1);
    parts.push(ranges.slice(at, at + count));
    at += count;
  }
  return parts;
}

function writeNode(
  objects: KernelObjects,
  random: Random,
  ranges: readonly Range[],
  kind: typeof LEAF,
): Range {
  // Nodes are aligned to their size: the low byte of a pointer to one says what it is.
  const node = (objects.space.allocate(2 * NODE_BYTES) + 0xffn) & ~0xffn;
  ranges.forEach(({ last, slot }, index) => {
    // The last range may end by its pivot, or by a pivot of 0: then it runs to the node's own end.
    const isImplied = index === ranges.length - 1 && index > 0 && random.below(2) === 0;
    if (index < kind.pivots && !isImplied)
      objects.writePointer(node + 8n + BigInt(index * 8), last);
    objects.writePointer(node + kind.slotsAt + BigInt(index * 8), slot);
    if (kind === INNER) setParent(objects, slot, node, index);
  });
  const last = ranges.at(-1)?.last ?? MAXIMUM;
  const metadata = kind === INNER ? 0xf0n : kind.slotsAt + 15n * 8n;
  if (kind === INNER || ranges.length < kind.slots) {
    objects.write(node + metadata, integer(ranges.length - 1, 1));
  }
  return { last, slot: node | (kind.type << 3n) | 4n };
}

/** A node's parent pointer also holds its slot there, and that the parent is one of ranges. */
const setParent = (objects: KernelObjects, child: bigint, parent: bigint, index: number): void =>
  objects.writePointer(child & ~0xffn, parent | BigInt(index << 3) | 6n);
