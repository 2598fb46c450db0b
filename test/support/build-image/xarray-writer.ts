import type { KernelObjects } from './kernel-objects.ts';

/** Places in a node; six bits of the index each. */
const SLOTS = 64;
const SLOT_BITS = 6;
/** Lowest bits of an entry that is a node. */
const NODE_MARK = 2n;

/**
 * Writes a tree from small numbers to pointers and returns its root as xa_head holds it. A single entry at index 0 needs
 * no node.
 *
 * Source: include/linux/xarray.h.
 *
 * @param array address of its struct xarray, which the nodes point back to
 */
export function writeXarray(
  objects: KernelObjects,
  array: bigint,
  entries: ReadonlyMap<number, bigint>,
): bigint {
  const largest = Math.max(0, ...entries.keys());
  if (largest === 0) return entries.get(0) ?? 0n;
  let shift = 0;
  while (largest >> shift >= SLOTS) shift += SLOT_BITS;
  return writeNode({ objects, array, entries }, shift, 0, 0n);
}

interface Tree {
  readonly objects: KernelObjects;
  readonly array: bigint;
  readonly entries: ReadonlyMap<number, bigint>;
}

function writeNode(tree: Tree, shift: number, first: number, parent: bigint): bigint {
  const { objects, array, entries } = tree;
  const inside = new Set(
    [...entries.keys()]
      .filter((index) => index >= first && index < first + SLOTS * 2 ** shift)
      .map((index) => (index - first) >> shift),
  );
  const node = objects
    .create('xa_node')
    .set('shift', shift)
    .set('offset', parent === 0n ? 0 : (first >> (shift + SLOT_BITS)) % SLOTS)
    .set('count', inside.size)
    .set('parent', parent)
    .set('array', array);
  objects.ring([node.at('private_list')]);
  for (const slot of inside) {
    const below = first + slot * 2 ** shift;
    const entry =
      shift === 0
        ? (entries.get(below) ?? 0n)
        : writeNode(tree, shift - SLOT_BITS, below, node.address);
    objects.writePointer(node.at('slots') + BigInt(slot * 8), entry);
  }
  return node.address | NODE_MARK;
}
