import type { Kernel } from './kernel.ts';
import { MAX_REGIONS, mapleEntries } from './maple-tree.ts';
import { isKernelAddress } from './structures.ts';

/** One struct vm_area_struct: a stretch of a process' memory. */
export interface Vma {
  readonly address: bigint;
  readonly start: bigint;
  /** Exclusive. */
  readonly end: bigint;
  /** VM_… bits. */
  readonly flags: number;
  /** struct file behind it; 0 where none. */
  readonly file: bigint;
  /** Index of its first page: in the file, or in private memory's own count (which begins as the virtual page). */
  readonly firstIndex: number;
  /** It has operations of its own: a file's, a driver's, or the kernel's special pages. */
  readonly hasOperations: boolean;
}

/** Linux, include/linux/mm.h. Stable since 2.6. */
export const VM = {
  read: 1,
  write: 2,
  execute: 4,
  /** VM_SHARED or VM_MAYSHARE: a shared mapping of a file opened for reading has only the latter. */
  shared: 0x88,
  pfnMap: 0x400,
  io: 0x4000,
  hugeTlb: 0x40_0000,
  /** Frames of a driver's choice among ordinary ones. */
  mixedMap: 0x1000_0000,
} as const;

/** Regions of other memory in a list: a few are damage, a list full of them is another list. */
const MAX_STRANGERS = 64;

/** Stretches of the memory `mm` in ascending order. Says with a warning where some could not be read. */
export function vmasOf(kernel: Kernel, mm: bigint, owner: string): readonly Vma[] {
  const { btf, structures } = kernel;
  const layout = vmaLayout(kernel);
  const found: bigint[] = [];
  const tree = btf.offsetOrNull('mm_struct', 'mm_mt');
  const isWhole =
    tree === null
      ? linkedEntries(kernel, mm, layout.mm, found)
      : mapleEntries(structures, btf, mm + BigInt(tree), found);

  const vmas = found
    .filter((address) => structures.pointer(address, layout.mm) === mm)
    .map((address) => ({
      address,
      start: structures.pointer(address, layout.start),
      end: structures.pointer(address, layout.end),
      flags: structures.u32(address, layout.flags),
      file: structures.pointer(address, layout.file),
      firstIndex: Number(structures.pointer(address, layout.firstIndex)),
      hasOperations: structures.pointer(address, layout.operations) !== 0n,
    }))
    .filter(({ start, end }) => start < end && !isKernelAddress(end - 1n));
  vmas.sort((one, other) => (one.start < other.start ? -1 : 1));

  const promised = structures.u32(mm, layout.count);
  if (!isWhole || vmas.length !== promised) {
    kernel.warn(
      `${owner} has ${promised} memory regions by the kernel's count, ${vmas.length} could be read: the purpose of other pages of it is unknown`,
    );
  }
  return vmas;
}

/** Before 6.1: a list in ascending order. */
function linkedEntries(
  { btf, structures }: Kernel,
  mm: bigint,
  owner: number,
  found: bigint[],
): boolean {
  const next = btf.offset('vm_area_struct', 'vm_next');
  const seen = new Set<bigint>();
  let strangers = 0;
  let at = structures.pointer(mm, btf.offset('mm_struct', 'mmap'));
  while (isKernelAddress(at) && !seen.has(at) && seen.size < MAX_REGIONS) {
    if (structures.pointer(at, owner) !== mm) strangers += 1;
    if (strangers > MAX_STRANGERS) return false;
    seen.add(at);
    found.push(at);
    at = structures.pointer(at, next);
  }
  return at === 0n;
}

const vmaLayout = ({ btf }: Kernel) => ({
  start: btf.offset('vm_area_struct', 'vm_start'),
  end: btf.offset('vm_area_struct', 'vm_end'),
  mm: btf.offset('vm_area_struct', 'vm_mm'),
  flags: btf.offset('vm_area_struct', 'vm_flags'),
  file: btf.offset('vm_area_struct', 'vm_file'),
  firstIndex: btf.offset('vm_area_struct', 'vm_pgoff'),
  operations: btf.offset('vm_area_struct', 'vm_ops'),
  count: btf.offset('mm_struct', 'map_count'),
});
