import type { Layout } from './layout.ts';

/** Five bits of the memory manager's own (MM_*): a page's protection. */
export const PROTECTION = {
  noAccess: 0,
  readOnly: 1,
  execute: 2,
  executeRead: 3,
  readWrite: 4,
  writeCopy: 5,
  executeReadWrite: 6,
  executeWriteCopy: 7,
} as const;
export type Protection = keyof typeof PROTECTION;

/** Intel's "invalid" bit that new kernels turn round: above the RAM of any machine here. */
export const INVALID_PTE_MASK = 1n << 45n;

/** Page-table entries as one kernel writes them. */
export class EntryFormat {
  /** The layout since the servicing of August 2018, with a swizzle bit. */
  readonly isNew: boolean;
  readonly mask: bigint;

  constructor(layout: Layout, style: { readonly isNew: boolean; readonly mask: bigint }) {
    this.isNew = style.isNew && layout.bits('MMPTE_PROTOTYPE.SwizzleBit') !== null;
    this.mask = this.isNew ? style.mask : 0n;
  }

  /** A user page in a working set. Bit 11 says that it may be written, bit 1 that it was. */
  user(frame: number, protection: Protection, isShared = false): bigint {
    const code = PROTECTION[protection];
    const isWritable = code === 4 || code === 6;
    const isCopyOnWrite = code === 5 || code === 7;
    const bits = 0x025n | (isWritable ? 0x842n : 0n) | (isCopyOnWrite ? 0x200n : 0n);
    // Age of the working-set entry in bits 56 to 59; shared pages carry none.
    return pfn(frame) | bits | (isExecutable(code) ? 0n : NO_EXECUTE) | (isShared ? 0n : AGE);
  }

  /** A page of kernel data. */
  kernel(frame: number): bigint {
    return pfn(frame) | 0x863n | NO_EXECUTE | AGE;
  }

  /** Taken from the working set, still in RAM. */
  transition(frame: number, protection: Protection): bigint {
    return this.#invalid(pfn(frame) | 0x800n | this.#code(protection));
  }

  /** In a process' table: "see the section's entry there". */
  prototype(entryAddress: bigint): bigint {
    return this.#invalid((BigInt.asUintN(48, entryAddress) << 16n) | 0x400n);
  }

  /** In a process' table: "see the section of the VAD". */
  vadPrototype(protection: Protection): bigint {
    const code = BigInt(PROTECTION[protection]);
    // All address bits are ones, so it is stored as it is and says so.
    return this.isNew
      ? 0xffff_ffff_0000_0000n | 0x410n | (code << 5n)
      : 0xffff_ffff_0000_0000n | 0x400n | (code << 11n);
  }

  /** In a section's array: not read from the file yet. */
  subsection(address: bigint, protection: Protection): bigint {
    return this.#invalid((BigInt.asUintN(48, address) << 16n) | 0x400n | this.#code(protection));
  }

  demandZero(protection: Protection): bigint {
    return this.#invalid(this.#code(protection));
  }

  paged(file: number, offset: number, protection: Protection): bigint {
    const low = BigInt(file) << (this.isNew ? 12n : 1n);
    return this.#invalid((BigInt(offset) << 32n) | low | this.#code(protection));
  }

  #code(protection: Protection): bigint {
    return BigInt(PROTECTION[protection]) << 5n;
  }

  /** Stored with the mask's bits turned on; as it is, and marked so, where they are on already. */
  #invalid(entry: bigint): bigint {
    if (this.mask === 0n) return entry;
    return (entry & this.mask) === 0n ? entry | this.mask : entry | SWIZZLE;
  }
}

/** The entry is stored as it is. */
const SWIZZLE = 1n << 4n;
const AGE = 0x0an << 56n;
export const NO_EXECUTE = 1n << 63n;
export const ADDRESS_BITS = 0x000f_ffff_ffff_f000n;

export const isExecutable = (code: number): boolean => code === 2 || code === 3 || code >= 6;
export const pfn = (frame: number): bigint => BigInt(frame) << 12n;
