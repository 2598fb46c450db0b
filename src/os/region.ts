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
