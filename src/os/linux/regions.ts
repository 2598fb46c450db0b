import { virtual } from '../../memory/address.ts';
import type { Region, RegionKind } from '../region.ts';
import type { Kernel } from './kernel.ts';
import type { Paths } from './paths.ts';
import { isKernelAddress } from './structures.ts';
import { VM, type Vma } from './vmas.ts';

/** File systems that keep their files in RAM alone. */
const MEMORY_FILE_SYSTEMS = new Set(['tmpfs', 'shmem', 'devtmpfs', 'ramfs', 'hugetlbfs', 'rootfs']);
/** Where shm_open() keeps its names (POSIX shared memory). */
const SHARED_MEMORY_FOLDER = '/dev/shm/';
/** Linux, include/linux/mm.h: ANON_VMA_NAME_MAX_LEN is 80. */
const MAX_NAME = 80;

/** Where the stack of a thread stands: what its region is told by. */
export interface ThreadStack {
  readonly thread: number;
  readonly pointer: bigint;
}

/** Memory of the process that has `mm`, by purpose. */
export function regionsOf(
  kernel: Kernel,
  paths: Paths,
  mm: bigint,
  vmas: readonly Vma[],
  stacks: readonly ThreadStack[],
): readonly Region[] {
  const purposes = purposeReader(kernel, paths, mm, stacks);
  return vmas.map((vma) => ({
    start: virtual(vma.start),
    end: virtual(vma.end),
    protection: protection(vma.flags),
    ...purposes(vma),
  }));
}

interface Purpose {
  readonly kind: RegionKind;
  readonly name: string | null;
}

function purposeReader(
  { btf, structures }: Kernel,
  paths: Paths,
  mm: bigint,
  stacks: readonly ThreadStack[],
): (vma: Vma) => Purpose {
  const mark = (name: string): bigint => structures.pointer(mm, btf.offset('mm_struct', name));
  const [heapStart, heapEnd, stackStart] = [mark('start_brk'), mark('brk'), mark('start_stack')];
  const inode = btf.offset('file', 'f_inode');
  const ops = btf.offset('vm_area_struct', 'vm_ops');
  const privateData = btf.offset('vm_area_struct', 'vm_private_data');
  const mappingName = btf.offsetOrNull('vm_special_mapping', 'name');
  const anonymousName = btf.offsetOrNull('vm_area_struct', 'anon_name');
  const nameText = btf.offsetOrNull('anon_vma_name', 'name');

  const ofFile = (vma: Vma): Purpose => {
    const name = paths.ofFile(vma.file);
    const fileSystem = paths.fileSystem(structures.pointer(vma.file, inode));
    const isShared = (vma.flags & VM.shared) !== 0;
    if (isShared && MEMORY_FILE_SYSTEMS.has(fileSystem) && !isFoundByPath(name)) {
      return { kind: 'shared-memory', name };
    }
    // Device memory, mapped through a file of /dev: no content of that file.
    const isDevice = (vma.flags & (VM.pfnMap | VM.io)) !== 0;
    return { kind: isDevice ? 'special' : 'file', name };
  };

  /** "[vdso]", "[vvar]": pages that the kernel puts into every process. */
  const specialName = (vma: Vma): string | null => {
    const mapping = structures.pointer(vma.address, privateData);
    if (mappingName === null || structures.pointer(vma.address, ops) === 0n) return null;
    const name = structures.text(structures.pointer(mapping, mappingName), MAX_NAME);
    return name.startsWith('[') ? name : null;
  };

  const givenName = (vma: Vma): string | null => {
    if (anonymousName === null || nameText === null) return null;
    const at = structures.pointer(vma.address, anonymousName);
    if (!isKernelAddress(at)) return null;
    return `[anon:${structures.text(at + BigInt(nameText), MAX_NAME)}]`;
  };

  return (vma) => {
    if (isKernelAddress(vma.file)) return ofFile(vma);
    const special = specialName(vma);
    if (special !== null) return { kind: 'special', name: special };
    if (vma.start < heapEnd && vma.end > heapStart) return { kind: 'heap', name: '[heap]' };
    if (vma.start <= stackStart && vma.end >= stackStart) return { kind: 'stack', name: '[stack]' };
    const stack = stacks.find(({ pointer }) => vma.start <= pointer && pointer < vma.end);
    if (stack !== undefined) return { kind: 'stack', name: `[stack:${stack.thread}]` };
    const isShared = (vma.flags & VM.shared) !== 0;
    return { kind: isShared ? 'shared-memory' : 'anonymous', name: givenName(vma) };
  };
}

/** Files in RAM that are files to whoever uses them: those of /run, and of systems that run from RAM. */
const isFoundByPath = (name: string | null): boolean =>
  name !== null && !name.endsWith(' (deleted)') && !name.startsWith(SHARED_MEMORY_FOLDER);

const protection = (flags: number): string =>
  ((flags & VM.read) === 0 ? '-' : 'r') +
  ((flags & VM.write) === 0 ? '-' : 'w') +
  ((flags & VM.execute) === 0 ? '-' : 'x') +
  ((flags & VM.shared) === 0 ? 'p' : 's');
