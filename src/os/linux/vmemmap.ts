import { virtual, type Frame } from '../../memory/address.ts';
import type { Kernel } from './kernel.ts';
import { isKernelAddress } from './structures.ts';

/** Where the array is when the kernel does not randomise it: 4 and 5 levels (Documentation/arch/x86/x86_64/mm.rst). */
const FIXED = [0xffff_ea00_0000_0000n, 0xffd4_0000_0000_0000n];
/** Flags in the low bits of mem_section.section_mem_map (include/linux/mmzone.h: SECTION_MAP_LAST_BIT). */
const SECTION_FLAGS = 0xfffn;
/** More than half of the samples must look right: a process may have freed a page while the image was taken. */
const ENOUGH = 0.5;

/**
 * Address of the array of struct page, proved on `samples`: frames that hold private memory of processes. Null where no
 * candidate passes.
 */
export function findVmemmap(kernel: Kernel, samples: readonly Frame[]): bigint | null {
  for (const base of candidates(kernel)) {
    if (!isKernelAddress(base)) continue;
    const right = samples.filter((frame) => isAnonymous(kernel, base, frame)).length;
    if (right > samples.length * ENOUGH) return base;
  }
  return null;
}

function* candidates(kernel: Kernel): Generator<bigint> {
  const { structures, vmcoreinfo } = kernel;
  const variable = kernel.symbol('vmemmap_base');
  if (variable !== null) yield structures.pointer(variable);

  // Sparse memory with one virtual array: the map of any section, coded as if it began at frame 0, is the array itself.
  const sections = vmcoreinfo?.symbol('mem_section') ?? null;
  if (sections !== null) {
    const first = structures.pointer(sections);
    yield structures.pointer(first) & ~SECTION_FLAGS;
    yield first & ~SECTION_FLAGS;
  }
  yield* FIXED;
}

/** Referred to, and owned by an anonymous mapping: bit 0 of its mapping is set. */
function isAnonymous({ btf, structures, space }: Kernel, base: bigint, frame: Frame): boolean {
  let page = base + BigInt(frame) * BigInt(btf.size('page'));
  const head = structures.pointer(page, btf.offsetOrNull('page', 'compound_head') ?? 0);
  if ((head & 1n) === 1n) page = head - 1n;
  if (space.translate(virtual(page)) === null) return false;
  const mapping = structures.pointer(page, btf.offset('page', 'mapping'));
  const references = structures.i32(page, btf.offset('page', '_refcount'));
  return (mapping & 1n) === 1n && isKernelAddress(mapping) && references > 0;
}
