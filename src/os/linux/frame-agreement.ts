import { virtual, type Frame, type VirtualAddress } from '../../memory/address.ts';
import type { Agreement } from '../agreement.ts';
import type { Kernel } from './kernel.ts';
import { listOf } from './linked-list.ts';
import { pageLayout, typeOfPage } from './page-layout.ts';
import { isKernelAddress } from './structures.ts';
import { VM, type Vma } from './vmas.ts';

/** Low bits of page.mapping: 1 anonymous, 2 movable by its driver, 3 KSM (include/linux/page-flags.h). */
const MAPPING_FLAGS = 3n;
const ANONYMOUS = 1n;
/** Frames in these are of a driver's or the kernel's choice, or counted in units of huge pages. */
const NOT_CHECKABLE = VM.pfnMap | VM.io | VM.mixedMap | VM.hugeTlb;
/** Processes forked from each other in a row; the chain has one link for each. */
const MOST_LINKS = 4096;
const NOT_MAPPED = 0x8000_0000;

/**
 * Checks from the other side what page tables say: whether a frame's own description (struct page) names the stretch of
 * memory in which a process maps it. Private memory: its anon_vma is in the stretch's chain and its index fits the address;
 * a file's: the same file, the same page of it (include/linux/rmap.h, mm/rmap.c: page_address_in_vma).
 *
 * @param map - address of the array of struct page
 */
export function frameAgreement(
  kernel: Kernel,
  map: bigint,
): (vma: Vma, address: VirtualAddress, frame: Frame) => Agreement {
  const { btf, structures, space } = kernel;
  const layout = pageLayout(btf, kernel.release);
  const index = layout.index;
  if (index === null) return () => 'unchecked';
  const chain = {
    head: btf.offset('vm_area_struct', 'anon_vma_chain'),
    anonymous: btf.offset('anon_vma_chain', 'anon_vma'),
    link: BigInt(btf.offset('anon_vma_chain', 'same_vma')),
  };
  const fileMapping = btf.offset('file', 'f_mapping');
  // Room for a word behind it: damaged types can place a member across the end.
  const bytes = Buffer.alloc(layout.bytes + 8);
  const body = bytes.subarray(0, layout.bytes);
  const pageAt = (frame: number): bigint => map + BigInt(frame) * BigInt(layout.bytes);
  const load = (page: bigint): boolean => space.read(virtual(page), body) === layout.bytes;

  return (vma, address, frame) => {
    if ((vma.flags & NOT_CHECKABLE) !== 0 || !load(pageAt(frame))) return 'unchecked';
    const compound = bytes.readBigUInt64LE(layout.compoundHead);
    const isTail = (compound & 1n) === 1n;
    const head = isTail ? compound - 1n : pageAt(frame);
    const inUnit = Number((pageAt(frame) - head) / BigInt(layout.bytes));
    if (isTail && (inUnit < 0 || head < map || !load(head))) return 'unchecked';

    const flags = bytes.readUInt32LE(layout.flags);
    // All ones: no such RAM. Reserved: the page of zeros, the kernel's own.
    if (flags === 0xffff_ffff || layout.isReserved(flags)) return 'unchecked';
    const type = bytes.readUInt32LE(layout.type);
    const isUsed = bytes.readUInt32LE(layout.references) !== 0;
    if (!isUsed || typeOfPage(layout, flags, type) !== null) return 'contradicted';

    const mapping = bytes.readBigUInt64LE(layout.mapping);
    const expected = vma.firstIndex + Number((address - vma.start) >> 12n);
    const isPlace = Number(bytes.readBigUInt64LE(index)) + inUnit === expected;
    const kind = mapping & MAPPING_FLAGS;
    // Shared by content (KSM), or a driver's.
    if (kind > ANONYMOUS) return 'unchecked';
    if (mapping === 0n) return vma.hasOperations || vma.file !== 0n ? 'unchecked' : 'contradicted';
    // A unit counts its users in another place.
    const isCounted = inUnit > 0 || isHead(frame) || type < NOT_MAPPED;
    if (!isPlace || !isCounted) return 'contradicted';
    const isSource =
      kind === ANONYMOUS
        ? hasLink(vma, mapping - ANONYMOUS)
        : isKernelAddress(vma.file) && structures.pointer(vma.file, fileMapping) === mapping;
    return isSource ? 'confirmed' : 'contradicted';
  };

  /** The page behind it refers back to it: it is the first of a unit. */
  function isHead(frame: number): boolean {
    return structures.pointer(pageAt(frame + 1), layout.compoundHead) === pageAt(frame) + 1n;
  }

  function hasLink(vma: Vma, anonymous: bigint): boolean {
    let links = 0;
    for (const node of listOf(kernel, vma.address + BigInt(chain.head))) {
      if (structures.pointer(node - chain.link, chain.anonymous) === anonymous) return true;
      links += 1;
      if (links >= MOST_LINKS) return false;
    }
    return false;
  }
}
