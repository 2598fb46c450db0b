/**
 * Maple tree: how kernels since 6.1 keep the regions of a process. Nodes of 256 bytes hold ascending pivots: the slot of
 * a pivot covers the addresses up to it, that included. The low byte of a link to a node tells the node's type.
 *
 * Source: Linux, include/linux/maple_tree.h and lib/maple_tree.c.
 */
import type { Btf } from './btf.ts';
import { isKernelAddress, type Structures } from './structures.ts';

/** Nodes of 16 regions, 10 children each: 10^7 leaves at depth 8. */
const MAX_DEPTH = 16;
/** Nodes have 256 bytes. */
const MAX_SLOTS = 32;
/** Linux, Documentation/admin-guide/sysctl/vm.rst: max_map_count is 65,530 unless raised. */
export const MAX_REGIONS = 262_144;

/** enum maple_type; dense nodes are not used for regions. */
const TYPE = { leaf: 1, range: 2, allocationRange: 3 } as const;

interface Level {
  readonly entry: bigint;
  readonly max: bigint;
  readonly depth: number;
}

/**
 * Entries of the tree (struct maple_tree) at `tree`, in ascending order of what they cover.
 *
 * @returns false where a part of the tree could not be read
 */
export function mapleEntries(
  structures: Structures,
  btf: Btf,
  tree: bigint,
  found: bigint[],
): boolean {
  const root = structures.pointer(tree, btf.offset('maple_tree', 'ma_root'));
  if (root === 0n) return true;
  if ((root & 2n) === 0n) {
    found.push(root);
    return true;
  }

  const layout = mapleLayout(btf);
  const seen = new Set<bigint>();
  const pending: Level[] = [{ entry: root, max: 0xffff_ffff_ffff_ffffn, depth: 0 }];
  let isWhole = true;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const node = next.entry & ~0xffn;
    const type = Number((next.entry >> 3n) & 0xfn);
    const isBounded = next.depth < MAX_DEPTH && seen.size < MAX_REGIONS && !seen.has(node);
    const isDead = structures.pointer(node, 0) === node;
    const shape = type === TYPE.allocationRange ? layout.allocationRange : layout.range;
    if (!isBounded || isDead || !isKernelAddress(node) || type < 1 || type > 3) {
      isWhole = false;
      continue;
    }
    seen.add(node);

    const children: Level[] = [];
    for (let slot = 0; slot < Math.min(shape.slots.count, MAX_SLOTS); slot += 1) {
      const isLast = slot >= shape.pivots.count;
      const pivot = isLast ? 0n : structures.pointer(node, shape.pivots.offset + slot * 8);
      // A pivot of 0 behind the first ends the node: its slot reaches as far as the node does.
      const isEnd = isLast || pivot >= next.max || (pivot === 0n && slot > 0);
      const entry = structures.pointer(node, shape.slots.offset + slot * 8);
      if (type === TYPE.leaf) {
        if (isKernelAddress(entry) && (entry & 3n) === 0n) found.push(entry);
      } else if (entry !== 0n) {
        children.push({ entry, max: isEnd ? next.max : pivot, depth: next.depth + 1 });
      }
      if (isEnd) break;
    }
    for (let child = children.pop(); child !== undefined; child = children.pop()) {
      pending.push(child);
    }
    if (found.length > MAX_REGIONS) return false;
  }
  return isWhole;
}

function mapleLayout(btf: Btf) {
  const shape = (struct: string) => ({
    pivots: btf.field(struct, 'pivot') ?? { offset: 8, count: 0 },
    slots: btf.field(struct, 'slot') ?? { offset: 0, count: 0 },
  });
  return { range: shape('maple_range_64'), allocationRange: shape('maple_arange_64') };
}
