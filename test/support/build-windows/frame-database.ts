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
  readonly #fields: ReturnType<typeof fieldsOf>;
  readonly #size: number;

  constructor(ram: Ram, layout: Layout, base: bigint) {
    this.#ram = ram;
    this.#fields = fieldsOf(layout);
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
    const { at } = this.#fields;
    const isActive = location === 'active';
    this.#set(frame, at.pteAddress, 8, pteAddress);
    this.#set(frame, at.originalPte, 8, originalPte);
    this.#set(frame, at.u2, 8, isActive ? 1n : 0n);
    this.#set(frame, at.u3, 2, isActive ? 1n : 0n);
    const isModified = location === 'modified' || location === 'active';
    // Cached memory (CacheAttribute 1).
    const flags = LOCATION[location] | (isModified ? 0x10 : 0) | 0x40;
    this.#set(frame, at.u3 + 2, 1, BigInt(flags));
    const { pteFrameBits, prototypeBit, existsBit } = this.#fields;
    const parent = BigInt.asUintN(pteFrameBits, BigInt(pteFrame));
    this.#set(frame, at.u4, 8, parent | (isPrototype ? prototypeBit : 0n) | existsBit);
  }

  /** What is said of one frame, said of another too. */
  copy(from: number, to: number): void {
    for (let field = 0; field < this.#size; field += 8) {
      const [page, at] = this.#placeOf(from, field);
      this.#set(to, field, 8, page.readBigUInt64LE(at));
    }
  }

  /** The same, in another list. */
  move(frame: number, location: Location): void {
    const { u3 } = this.#fields.at;
    this.#set(frame, u3, 2, 0n);
    this.#set(frame, u3 + 2, 1, BigInt(LOCATION[location] | 0x40));
  }

  #hold(offset: number): void {
    const page = Math.floor(offset / LARGE);
    if (!this.pages.has(page)) {
      this.pages.set(page, this.#ram.takeLarge(1));
    }
  }

  #set(frame: number, field: number, bytes: number, value: bigint): void {
    const [page, at] = this.#placeOf(frame, field);
    if (bytes === 8) page.writeBigUInt64LE(BigInt.asUintN(64, value), at);
    else page.writeUIntLE(Number(value), at, bytes);
  }

  /** The page that holds a field of a frame's entry, and where in it. */
  #placeOf(frame: number, field: number): [page: Buffer, at: number] {
    const offset = frame * this.#size + field;
    const first = this.pages.get(Math.floor(offset / LARGE));
    if (first === undefined) throw new Error(`Cannot book frame ${frame}: it is not RAM`);
    const at = first * PAGE_BYTES + (offset % LARGE);
    return [this.#ram.page(Math.floor(at / PAGE_BYTES)), at % PAGE_BYTES];
  }
}

/** Looked up once: there is a book for each frame. */
function fieldsOf(layout: Layout) {
  const bit = (name: string): bigint => {
    const bits = layout.bits(`MMPFN.u4.${name}`);
    return bits ? 1n << BigInt(bits[0]) : 0n;
  };
  return {
    at: {
      pteAddress: layout.at('MMPFN.PteAddress'),
      originalPte: layout.at('MMPFN.OriginalPte'),
      u2: layout.at('MMPFN.u2'),
      u3: layout.at('MMPFN.u3'),
      u4: layout.at('MMPFN.u4'),
    },
    // The field begins at bit 0 in every build.
    pteFrameBits: layout.bits('MMPFN.u4.PteFrame')?.[1] ?? 36,
    prototypeBit: bit('PrototypePte'),
    existsBit: bit('PfnExists'),
  };
}

const LARGE = LARGE_FRAMES * PAGE_BYTES;
