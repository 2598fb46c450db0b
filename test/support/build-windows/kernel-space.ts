import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { type EntryFormat, pfn } from './entry-format.ts';
import { type FrameDatabase, NO_TABLE } from './frame-database.ts';
import type { KernelAddresses } from './kernel-addresses.ts';
import type { Layout } from './layout.ts';
import { PageTables, type TableWorld } from './page-table-writer.ts';
import { LARGE_FRAMES, type Ram } from './ram.ts';
import { VirtualMemory, pageOf } from './virtual-memory.ts';

export type Pool = 'nonpaged' | 'paged';

export interface PoolPlace {
  readonly pool?: Pool;
  readonly align?: number;
  readonly lead?: number;
}

/** The kernel's half: its tables (System's), its pools, its books of frames. */
export class KernelSpace extends VirtualMemory {
  readonly tables: PageTables;
  readonly world: TableWorld;
  readonly addresses: KernelAddresses;
  readonly format: EntryFormat;
  readonly #next: Record<Pool | 'system', bigint>;
  readonly #lastUnits: Record<Pool, number> = { nonpaged: 0, paged: 0 };

  constructor(
    ram: Ram,
    layout: Layout,
    parts: {
      readonly frames: FrameDatabase;
      readonly addresses: KernelAddresses;
      readonly format: EntryFormat;
      readonly guardsUser: boolean;
    },
  ) {
    super(ram, layout);
    const { frames, addresses, format, guardsUser } = parts;
    this.addresses = addresses;
    this.format = format;
    this.world = { ram, frames, selfIndex: addresses.selfIndex, guardsUser };
    this.tables = new PageTables(this.world, ram.claim(addresses.rootFrame));
    const { nonPagedPool, pagedPool, systemArea } = addresses;
    this.#next = { nonpaged: nonPagedPool, paged: pagedPool, system: systemArea };
    // Real top tables hold more than a handful of kernel entries, all shared.
    for (const near of [nonPagedPool, pagedPool, systemArea, frames.base, addresses.image]) {
      this.tables.prepare(near);
    }
    this.tables.prepare(0xffff_ffff_ffd0_0000n);
    for (const [page, first] of frames.pages) {
      this.mapLarge(frames.base + (BigInt(page) << 21n), first);
    }
  }

  /** Maps one page of kernel data; takes a frame where none is given. */
  mapPage(address: bigint, frame = this.ram.take(), entry = this.format.kernel(frame)): number {
    const slot = this.tables.slotOf(address);
    this.ram.setU64(slot, entry);
    this.frames.set(pageOf(address), frame);
    this.world.frames.write(frame, {
      location: 'active',
      pteAddress: this.tables.entryAddress(address),
      pteFrame: Math.floor(slot / PAGE_BYTES),
      originalPte: this.format.demandZero('readWrite'),
    });
    return frame;
  }

  /** Maps 2 MiB as one page: executable kernel code and data. */
  mapLarge(address: bigint, first: number): void {
    this.tables.set(address, pfn(first) | 0x9e3n, 2);
    for (let index = 0; index < LARGE_FRAMES; index += 1) {
      const at = address + BigInt(index * PAGE_BYTES);
      this.frames.set(pageOf(at), first + index);
      this.world.frames.write(first + index, {
        location: 'active',
        pteAddress: this.tables.entryAddress(address, 2),
        pteFrame: NO_TABLE,
      });
    }
  }

  /** A frame for a page of data, with no neighbour of the kind. */
  takeData(): number {
    return this.ram.takeLonely();
  }

  /** `count` neighbouring 2 MiB of RAM: the first frame. */
  takeLarge(count: number): number {
    return this.ram.takeLarge(count);
  }

  /** Whole pages, as stacks and session objects have them. */
  pages(count: number): bigint {
    const start = this.#next.system;
    for (let page = 0; page < count; page += 1) {
      this.mapPage(start + BigInt(page * PAGE_BYTES));
    }
    // A page that is not there guards the end.
    this.#next.system = start + BigInt((count + 1) * PAGE_BYTES);
    return start;
  }

  /**
   * Bytes of a pool: their address, behind a POOL_HEADER. What needs more than a page has whole pages and no header.
   *
   * @param tag four characters; code units to 255, for ≤ 7's protected tags end in a high one
   * @param place.align of what lies `lead` bytes into the block
   */
  pool(tag: string, bytes: number, place: PoolPlace = {}): bigint {
    const { pool = 'nonpaged', align = 16, lead: before = 0 } = place;
    if (bytes + HEADER_BYTES > PAGE_BYTES) return this.#bigPool(bytes, pool);
    const crosses = this.layout.build >= 19041;
    let header = this.#next[pool];
    const end = (): bigint => header + BigInt(HEADER_BYTES + bytes);
    const fits = (): boolean => crosses || pageOf(header) === pageOf(end() - 1n);
    const alignUp = (): void => {
      const gap = -(header + BigInt(HEADER_BYTES + before)) & BigInt(align - 1);
      if (gap > 0n) header = this.#freeBlock(header, gap, pool);
    };
    alignUp();
    if (!fits()) header = this.#freeBlock(header, 0x1000n - (header & 0xfffn), pool);
    alignUp();
    const units = Math.ceil((HEADER_BYTES + bytes) / 16);
    this.#reach(header, units * 16);
    this.#writeHeader(header, { units, tag, type: pool === 'paged' ? 3 : 2 }, pool);
    this.#next[pool] = header + BigInt(units * 16);
    return header + BigInt(HEADER_BYTES);
  }

  /** Takes the paged pool from the kernel's working set: its pages stay where they are, on the standby list. */
  trimPagedPool(): void {
    const { pagedPool } = this.addresses;
    for (let at = pagedPool & ~0xfffn; at < this.#next.paged; at += 0x1000n) {
      const frame = this.frames.get(pageOf(at));
      if (frame === undefined) continue;
      this.tables.set(at, this.format.transition(frame, 'readWrite'));
      this.world.frames.move(frame, 'standby');
    }
  }

  #bigPool(bytes: number, pool: Pool): bigint {
    const start = (this.#next[pool] + 0xfffn) & ~0xfffn;
    this.#reach(start, bytes);
    this.#next[pool] = (start + BigInt(bytes) + 0xfffn) & ~0xfffn;
    return start;
  }

  #freeBlock(header: bigint, length: bigint, pool: Pool): bigint {
    this.#reach(header, Number(length));
    this.#writeHeader(header, { units: Number(length) / 16, tag: 'Free', type: 0 }, pool);
    return header + length;
  }

  #writeHeader(
    at: bigint,
    block: { readonly units: number; readonly tag: string; readonly type: number },
    pool: Pool,
  ): void {
    const { units, tag, type } = block;
    const previous = (at & 0xfffn) === 0n ? 0 : this.#lastUnits[pool];
    this.number(at, previous | (units << 16) | (type << 24), 4);
    this.write(at + 4n, Buffer.from(tag, 'latin1'));
    this.number(at + 8n, 0);
    this.#lastUnits[pool] = units;
  }

  /** Maps the pages from here that are not there yet. */
  #reach(start: bigint, bytes: number): void {
    const last = start + BigInt(bytes - 1);
    for (let at = start & ~0xfffn; at <= last; at += 0x1000n) {
      if (!this.frames.has(pageOf(at))) this.mapPage(at);
    }
  }
}

const HEADER_BYTES = 16;
