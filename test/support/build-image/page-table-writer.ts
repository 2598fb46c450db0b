/**
 * x86-64 page tables: 512 entries of 8 bytes to a table, four or five levels.
 *
 * Source: Intel SDM vol. 3A, 4.5 "4-Level Paging and 5-Level Paging"; arch/x86/include/asm/pgtable_types.h.
 */
import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { Ram } from './ram.ts';

export const PRESENT = 1n;
export const WRITABLE = 2n;
export const USER = 4n;
/** Accessed and dirty. */
export const USED = 0x60n;
export const LARGE_PAGE = 0x80n;
/** In an entry that is not present: the page is there, but nobody may touch it. */
export const PROT_NONE = 0x100n;
export const GLOBAL = 0x100n;
export const NO_EXECUTE = 1n << 63n;

const TABLE_ENTRY = PRESENT | WRITABLE | USED;
const ADDRESS_BITS = 0x000f_ffff_ffff_f000n;

export class PageTables {
  readonly root: number;
  readonly levels: 4 | 5;
  /** Frames of the tables below the top, to be given back when their process ends. */
  readonly made: number[] = [];
  readonly #ram: Ram;

  /**
   * @param root physical address of the top table, which the caller took
   * @param mm whose it is, for the books
   */
  constructor(ram: Ram, levels: 4 | 5, root: number, mm: bigint | null = null) {
    this.#ram = ram;
    this.levels = levels;
    this.root = root;
    ram.books.set(root / PAGE_BYTES, { kind: 'table', mm });
  }

  /** Writes the entry for a page of 4 KiB (`level` 1) or 2 MiB (`level` 2), tables above it as needed. */
  set(address: bigint, entry: bigint, level: 1 | 2 = 1): void {
    const isUser = address < 1n << 63n;
    let table = this.root;
    for (let at: number = this.levels; at > level; at -= 1) {
      const slot = table + slotOf(address, at);
      if (this.#read(slot) === 0n) {
        this.#write(slot, this.#makeTable() | (isUser ? USER : 0n));
      }
      table = Number(this.#read(slot) & ADDRESS_BITS);
    }
    this.#write(table + slotOf(address, level), entry);
  }

  /** Makes sure that the top table has an entry here, so that copies of it share what is added below. */
  prepare(address: bigint): void {
    const slot = this.root + slotOf(address, this.levels);
    if (this.#read(slot) !== 0n) return;
    this.#write(slot, this.#makeTable());
  }

  /** Entry `index` (0 to 511) of the top table. */
  top(index: number): bigint {
    return this.#read(this.root + index * 8);
  }

  setTop(index: number, entry: bigint): void {
    this.#write(this.root + index * 8, entry);
  }

  /** The kernel's half is the same in every address space. */
  copyKernelHalf(from: PageTables): void {
    for (let index = 256; index < 512; index += 1) this.setTop(index, from.top(index));
  }

  #makeTable(): bigint {
    const frame = this.#ram.take();
    this.#ram.books.set(frame, { kind: 'table', mm: null });
    this.made.push(frame);
    return BigInt(frame * PAGE_BYTES) | TABLE_ENTRY;
  }

  #read(at: number): bigint {
    return this.#ram.view.getBigUint64(at, true);
  }

  #write(at: number, entry: bigint): void {
    this.#ram.view.setBigUint64(at, entry, true);
  }
}

/** PROT_NONE keeps the frame's number inverted, so that no speculation reaches it (L1TF). */
export const inverted = (physicalAddress: number): bigint =>
  ~BigInt(physicalAddress) & ADDRESS_BITS;

/** A page in swap: type above, offset inverted in bits 14 and up. arch/x86/include/asm/pgtable_64.h */
export const swapEntry = (type: number, offset: number): bigint =>
  (BigInt(type) << 59n) | (((~BigInt(offset) << 14n) >> 5n) & 0x07ff_ffff_ffff_fe00n);

const slotOf = (address: bigint, level: number): number =>
  Number((address >> BigInt(12 + 9 * (level - 1))) & 511n) * 8;
