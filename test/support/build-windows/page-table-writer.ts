import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { ADDRESS_BITS, NO_EXECUTE, pfn } from './entry-format.ts';
import type { FrameDatabase } from './frame-database.ts';
import type { Ram } from './ram.ts';

/** What the tables of all address spaces of one boot have in common. */
export interface TableWorld {
  readonly ram: Ram;
  readonly frames: FrameDatabase;
  /** Entry of the top table that names the table itself. */
  readonly selfIndex: number;
  /** User entries of the top table forbid execution: the kernel's own guard where it shadows (KVA shadow). */
  readonly guardsUser: boolean;
}

/** Four levels of tables with their self map. Source: Intel SDM 3A 4.5; kernel-facts on Windows' own bits. */
export class PageTables {
  /** Physical address of the top table. */
  readonly root: number;
  /** Frames of all its tables, the top one first. */
  readonly tables: number[] = [];
  readonly #world: TableWorld;

  constructor(world: TableWorld, rootFrame: number) {
    this.#world = world;
    this.root = rootFrame * PAGE_BYTES;
    this.setTop(world.selfIndex, pfn(rootFrame) | TABLE | NO_EXECUTE);
    this.#book(rootFrame, selfAddress(world.selfIndex), rootFrame);
  }

  /** Writes the entry for a page of 4 KiB (`level` 1) or 2 MiB (`level` 2), tables above it as needed. */
  set(address: bigint, entry: bigint, level: 1 | 2 = 1): void {
    this.#world.ram.setU64(this.slotOf(address, level), entry);
  }

  /** Physical address of the entry for a page, tables above it made as needed. */
  slotOf(address: bigint, level: 1 | 2 = 1): number {
    const isUser = address < 1n << 47n;
    let table = this.root;
    for (let at = 4; at > level; at -= 1) {
      const slot = table + indexOf(address, at) * 8;
      let entry = this.#world.ram.u64(slot);
      if (entry === 0n) {
        const made = this.#world.ram.take();
        const guard = isUser && at === 4 && this.#world.guardsUser ? NO_EXECUTE : 0n;
        entry = pfn(made) | TABLE | (isUser ? USER : 0n) | guard;
        this.#world.ram.setU64(slot, entry);
        this.#book(made, this.entryAddress(address, at), table / PAGE_BYTES);
      }
      table = Number(entry & ADDRESS_BITS);
    }
    return table + indexOf(address, level) * 8;
  }

  /** Makes sure that the top table has an entry here, so that copies of it share what is added below. */
  prepare(address: bigint): void {
    this.slotOf(address, 2);
  }

  /** VA of the entry for a page in the self map. */
  entryAddress(address: bigint, level = 1): bigint {
    let at = address;
    for (let step = 0; step < level; step += 1) {
      const offset = (BigInt.asUintN(48, at) >> 9n) & 0x7f_ffff_fff8n;
      at = (0xffffn << 48n) | (BigInt(this.#world.selfIndex) << 39n) | offset;
    }
    return at;
  }

  top(index: number): bigint {
    return this.#world.ram.u64(this.root + index * 8);
  }

  setTop(index: number, entry: bigint): void {
    this.#world.ram.setU64(this.root + index * 8, entry);
  }

  /** The kernel's half is the same in every address space, but for the self map and the slots named. */
  copyKernelHalf(from: PageTables, except: readonly number[]): void {
    for (let index = 256; index < 512; index += 1) {
      if (index === this.#world.selfIndex || except.includes(index)) continue;
      this.setTop(index, from.top(index));
    }
  }

  #book(frame: number, pteAddress: bigint, pteFrame: number): void {
    this.tables.push(frame);
    this.#world.frames.write(frame, {
      location: 'active',
      pteAddress,
      pteFrame,
      originalPte: 0x80n,
    });
  }
}

const USER = 4n;
/** Accessed, dirty, writable in software and hardware, present; an age above. */
const TABLE = 0x863n | (0x0an << 56n);

export const indexOf = (address: bigint, level: number): number =>
  Number((address >> BigInt(12 + 9 * (level - 1))) & 511n);

/** VA of the top table's own entry. */
const selfAddress = (index: number): bigint =>
  [39n, 30n, 21n, 12n, 3n].reduce(
    (address, shift) => address | (BigInt(index) << shift),
    0xffffn << 48n,
  );
