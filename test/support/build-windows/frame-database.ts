import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { Layout } from './layout.ts';
import { LARGE_FRAMES, type Ram } from './ram.ts';

/** MMPFN.u3.e1.PageLocation. */
export const LOCATION = {
  zeroed: 0,
  free: 1,
  standby: 2,
  modified: 3,
  modifiedNoWrite: 4,
  bad: 5,
  active: 6,
  transition: 7,
} as const;
export type Location = keyof typeof LOCATION;

/** What the kernel's books say about a frame. */
export interface FrameBook {
  readonly location: Location;
  /** VA of the entry that maps it: in the self map, or in a section's array. */
  readonly pteAddress: bigint;
  /** Frame of the table that holds that entry. */
  readonly pteFrame: number;
  readonly originalPte?: bigint;
  /** Of a section: `pteAddress` is in its array. */
  readonly isPrototype?: boolean;
}

/** Where no table holds the entry: large pages, memory that drivers locked. */
export const NO_TABLE = 0xf_ffff_fffd;

/** The kernel's books of all frames (MMPFN), at the places that hold them; mapped by 2 MiB pages. */
export class FrameDatabase {
  readonly base: bigint;
  /** number of a 2 MiB stretch of the database → its first frame */
  readonly pages = new Map<number, number>();
  readonly #ram: Ram;
  readonly #layout: Layout;
  readonly #size: number;

  constructor(ram: Ram, layout: Layout, base: bigint) {
    this.#ram = ram;
    this.#layout = layout;
    this.base = base;
    this.#size = layout.sizeOf('MMPFN');
    for (const [start, bytes] of ram.runs) {
      const first = (start / PAGE_BYTES) * this.#size;
      const last = ((start + bytes) / PAGE_BYTES) * this.#size - 1;
      for (let at = first; at <= last; at += LARGE) this.#hold(at);
      this.#hold(last);
    }
  }

  write(frame: number, book: FrameBook): void {
    const { location, pteAddress, pteFrame, originalPte = 0n, isPrototype = false } = book;
    const layout = this.#layout;
    const set = (name: string, value: bigint): void => {
      this.#set(frame, layout.at(`MMPFN.${name}`), 8, value);
    };
    const isActive = location === 'active';
    set('PteAddress', pteAddress);
    set('OriginalPte', originalPte);
    set('u2', isActive ? 1n : 0n);
    this.#set(frame, layout.at('MMPFN.u3'), 2, isActive ? 1n : 0n);
    const isModified = location === 'modified' || location === 'active';
    // Cached memory (CacheAttribute 1).
    const flags = LOCATION[location] | (isModified ? 0x10 : 0) | 0x40;
    this.#set(frame, layout.at('MMPFN.u3') + 2, 1, BigInt(flags));
    const field = (name: string, value: number): bigint => {
      const bits = layout.bits(`MMPFN.u4.${name}`);
      return bits ? BigInt.asUintN(bits[1], BigInt(value)) << BigInt(bits[0]) : 0n;
    };
    const u4 = field('PteFrame', pteFrame) | field('PrototypePte', isPrototype ? 1 : 0);
    set('u4', u4 | field('PfnExists', 1));
  }

  /** The same, in another list. */
  move(frame: number, location: Location): void {
    const at = this.#layout.at('MMPFN.u3');
    this.#set(frame, at, 2, 0n);
    this.#set(frame, at + 2, 1, BigInt(LOCATION[location] | 0x40));
  }

  #hold(offset: number): void {
    const page = Math.floor(offset / LARGE);
    if (!this.pages.has(page)) {
      this.pages.set(page, this.#ram.takeLarge(1));
    }
  }

  #set(frame: number, field: number, bytes: number, value: bigint): void {
    const offset = frame * this.#size + field;
    const first = this.pages.get(Math.floor(offset / LARGE));
    if (first === undefined) throw new Error(`Cannot book frame ${frame}: it is not RAM`);
    const at = first * PAGE_BYTES + (offset % LARGE);
    const page = this.#ram.page(Math.floor(at / PAGE_BYTES));
    if (bytes === 8) page.writeBigUInt64LE(BigInt.asUintN(64, value), at % PAGE_BYTES);
    else page.writeUIntLE(Number(value), at % PAGE_BYTES, bytes);
  }
}

const LARGE = LARGE_FRAMES * PAGE_BYTES;
