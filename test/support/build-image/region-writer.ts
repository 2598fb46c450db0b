import type { AnonymousMemory } from './anonymous-memory.ts';
import type { FileTree } from './file-tree-writer.ts';
import type { KernelObject, KernelObjects } from './kernel-objects.ts';
import { writeMapleTree } from './maple-tree-writer.ts';
import type { ProcessSpec, RegionSpec } from './machine.ts';
import type { Random } from './random.ts';

/** include/linux/mm.h */
const FLAGS = { r: 1, w: 2, x: 4, s: 8, growsDown: 0x100 } as const;
/** VM_MAYREAD, VM_MAYWRITE, VM_MAYEXEC */
const MAY = 0x70;

export interface RegionTools {
  readonly objects: KernelObjects;
  readonly files: FileTree;
  readonly random: Random;
  readonly anonymous: AnonymousMemory;
  /** Address of special_mapping_vmops: marks what the kernel itself mapped. */
  readonly specialOperations: bigint;
}

/** Writes a region's vm_area_struct for each, joined as this kernel joins them, into the mm. */
export function writeRegions(tools: RegionTools, mm: KernelObject, spec: ProcessSpec): void {
  const { objects, random } = tools;
  const regions = spec.regions.toSorted((a, b) => Number(a.start - b.start));
  const areas = regions.map((region) => ({
    start: region.start,
    end: endOf(region),
    object: writeArea(tools, mm, region, spec.options.pid).address,
  }));
  for (const [index, { start }] of areas.entries()) {
    const before = areas[index - 1];
    if (before && before.end > start) {
      throw new Error(
        `Cannot map regions of ${spec.name} over each other at 0x${start.toString(16)}`,
      );
    }
  }
  mm.set('map_count', areas.length);
  if (objects.types.has('mm_struct', 'mm_mt')) {
    // MT_FLAGS_ALLOC_RANGE: inner nodes keep their gaps.
    mm.set('mm_mt.ma_flags', 0x1);
    mm.set('mm_mt.ma_root', writeMapleTree(objects, random, mm.at('mm_mt'), areas));
    return;
  }
  mm.set('mmap', areas[0]?.object ?? 0n);
  areas.forEach(({ object }, index) => {
    objects
      .at('vm_area_struct', object)
      .set('vm_prev', areas[index - 1]?.object ?? 0n)
      .set('vm_next', areas[index + 1]?.object ?? 0n);
  });
  mm.set(
    'mm_rb.rb_node',
    writeRedBlack(
      objects,
      areas.map(({ object }) => object),
    ),
  );
}

/**
 * Index of a region's first page: in its file; for private memory its virtual page, unless it was moved. The stack was made at the top of the
 * address space and moved, and keeps the index from there.
 */
export function firstIndex({ start, pages, kind, path, pageOffset }: RegionSpec): number {
  if (path !== null || pageOffset !== 0) return pageOffset;
  return kind === 'stack' ? 0x7_ffff_ffff - pages : Number(start >> 12n);
}

export const endOf = ({ start, pages }: RegionSpec): bigint => start + BigInt(pages * 4096);

function writeArea(
  tools: RegionTools,
  mm: KernelObject,
  region: RegionSpec,
  pid: number,
): KernelObject {
  const { objects, files, anonymous } = tools;
  const { start, kind, path, perms } = region;
  const area = objects
    .create('vm_area_struct')
    .set('vm_start', start)
    .set('vm_end', endOf(region))
    .set('vm_mm', mm.address)
    .set('vm_flags', flagsOf(kind, perms))
    .set('vm_pgoff', firstIndex(region));
  // A shared mapping's pages are its file's.
  if (perms.endsWith('s')) objects.ring([area.at('anon_vma_chain')]);
  else anonymous.link(area, pid, region);
  if (path !== null) area.set('vm_file', files.open(path).file);
  if (kind === 'vdso') {
    const mapping = objects.create('vm_special_mapping').set('name', objects.text('[vdso]'));
    area.set('vm_ops', tools.specialOperations).set('vm_private_data', mapping.address);
  }
  return area;
}

function flagsOf(kind: RegionSpec['kind'], perms: string): number {
  let flags = MAY;
  for (const letter of perms) {
    if (letter === 'r' || letter === 'w' || letter === 'x' || letter === 's')
      flags |= FLAGS[letter];
  }
  return kind === 'stack' ? flags | FLAGS.growsDown : flags;
}

/** The same regions as a search tree, for a reader that goes this way: balanced, every node black. */
function writeRedBlack(objects: KernelObjects, areas: readonly bigint[], parent = 0n): bigint {
  const middle = Math.floor(areas.length / 2);
  const area = areas[middle];
  if (area === undefined) return 0n;
  const object = objects.at('vm_area_struct', area);
  const node = object.at('vm_rb');
  object
    .set('vm_rb.__rb_parent_color', parent | 1n)
    .set('vm_rb.rb_left', writeRedBlack(objects, areas.slice(0, middle), node))
    .set('vm_rb.rb_right', writeRedBlack(objects, areas.slice(middle + 1), node));
  return node;
}
