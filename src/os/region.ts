import type { VirtualAddress } from '../memory/address.ts';

export type RegionKind =
  | 'heap'
  | 'stack'
  /** Private memory with no file behind it, neither heap nor stack. */
  | 'anonymous'
  /** A private or shared mapping of a file on disk. */
  | 'file'
  /** A program or library as the loader mapped it (Windows). */
  | 'image'
  /** Memory that several processes can share, with no file on disk behind it. */
  | 'shared-memory'
  | 'special'
  | 'kernel'
  | 'unknown';

/** A stretch of a process' address space with one purpose (VMA, VAD). */
export interface Region {
  readonly start: VirtualAddress;
  /** Exclusive. */
  readonly end: VirtualAddress;
  readonly kind: RegionKind;
  /** File behind it, or the system's name for it: "[heap]", "[vdso]". */
  readonly name: string | null;
  /** Like "rw-p": read, write, execute, private or shared. */
  readonly protection: string;
}

/** The region, or other stretch of addresses, that holds an address. They ascend and do not overlap. */
export function regionAt<Stretch extends { readonly start: bigint; readonly end: bigint }>(
  regions: readonly Stretch[],
  address: bigint,
): Stretch | null {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const region = regions[middle];
    if (!region) return null;
    if (address < region.start) high = middle;
    else if (address >= region.end) low = middle + 1;
    else return region;
  }
  return null;
}
