/**
 * The kernel's books: one struct page of 64 bytes for each frame, in the vmemmap area.
 *
 * Source: include/linux/mm_types.h, include/linux/page-flags.h (page_type: all ones but the type's bit).
 */
import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { KernelSpace } from './kernel-space.ts';
import { NO_EXECUTE, type PageTables, PRESENT, USED, WRITABLE } from './page-table-writer.ts';
import type { DataBook, FrameBook, Ram } from './ram.ts';
import type { KernelTypes } from './struct-layout.ts';

const STRUCT_PAGE = 64;
const NOT_MAPPED = 0xffff_ffff;
const BUDDY_TYPE = 0xffff_ff7f;
const TABLE_TYPE = 0xffff_fdff;
/** TAIL_MAPPING: poison that must not be taken for an address_space. */
const TAIL_MAPPING = 0xdead_0000_0000_0400n;
const LARGEST_ORDER = 10;
/** The last CPU that touched the page: none. Bits above the flags, which a reader must not take for flags. */
const LAST_CPU = 0x000f_ffff_c000_0000n;

export class PageArray {
  readonly #types: KernelTypes;
  readonly #space: KernelSpace;
  readonly #ram: Ram;
  /** Frames that hold the array, in its order: each the books of 64 others. */
  readonly #frames: number[] = [];
  readonly #offsets = new Map<string, number>();

  constructor(types: KernelTypes, space: KernelSpace, ram: Ram, tables: PageTables) {
    this.#types = types;
    this.#space = space;
    this.#ram = ram;
    for (let at = 0; at < ram.frames * STRUCT_PAGE; at += PAGE_BYTES) {
      const frame = ram.take();
      ram.books.set(frame, { kind: 'reserved' });
      this.#frames.push(frame);
      const entry = BigInt(frame * PAGE_BYTES) | PRESENT | WRITABLE | USED | NO_EXECUTE;
      tables.set(space.pages + BigInt(at), entry);
    }
  }

  /**
   * Writes every frame's books: last of all, when nothing is taken any more.
   *
   * @param topTables address of pgd_list: the ring of all top tables, through their struct page
   */
  write(topTables: bigint): void {
    for (let frame = 0; frame < this.#ram.frames; frame += 1) {
      const book = this.#ram.books.get(frame);
      if (book) this.#page(frame, book);
      else if (this.#ram.isHole(frame)) this.#set(frame, 0n, { refcount: 0 });
      else if (this.#ram.isTaken(frame)) this.#page(frame, { kind: 'kernel' });
      else frame += this.#freeBlock(frame) - 1;
    }
    this.#joinTopTables(topTables);
  }

  #page(frame: number, book: FrameBook): void {
    switch (book.kind) {
      case 'reserved':
        return this.#set(frame, this.#flags('reserved'), { refcount: 1 });
      case 'kernel':
        return this.#set(frame, 0n, { refcount: 1 });
      case 'table':
        return this.#set(frame, 0n, { refcount: 1, type: TABLE_TYPE });
      case 'free':
        return this.#set(frame, 0n, { refcount: 0 });
      case 'buddy':
        return this.#set(frame, 0n, { refcount: 0, type: BUDDY_TYPE });
      case 'slab':
        if (frame !== book.head) return this.#tail(frame, book.head);
        return this.#set(frame, this.#flags('slab', 'head'), { refcount: 1 });
      case 'anonymous':
      case 'file':
      case 'shared-memory':
        return this.#data(frame, book);
    }
  }

  #data(frame: number, book: DataBook): void {
    if (book.head !== null && frame !== book.head) return this.#tail(frame, book.head);
    const flags = ['uptodate', 'lru', 'active'];
    if (book.kind !== 'file') flags.push('swapbacked');
    if (book.head !== null) flags.push('head');
    const cached = book.kind === 'anonymous' ? 0 : 1;
    this.#set(frame, this.#flags(...flags), {
      mapping: book.mapping,
      index: BigInt(book.index),
      type: book.mappings - 1,
      refcount: book.mappings + cached,
    });
  }

  /** arch/x86/mm/pgtable.c: pgd_list, and the mm of each in its struct page. */
  #joinTopTables(head: bigint): void {
    const [type, list] = this.#types.has('page', 'pt_mm') ? ['page', 'lru'] : ['ptdesc', 'pt_list'];
    const [listOffset, mmOffset] = [list, 'pt_mm'].map(
      (member) => this.#types.field(type, member).offset,
    );
    const nodes = [{ at: this.#space.toPhysical(head), address: head }];
    for (const [frame, book] of this.#ram.books) {
      if (book.kind !== 'table' || book.mm === null) continue;
      const at = this.#place(frame);
      this.#ram.view.setBigUint64(at + (mmOffset ?? 0), book.mm, true);
      const address = this.#space.pageAddress(frame) + BigInt(listOffset ?? 0);
      nodes.push({ at: at + (listOffset ?? 0), address });
    }
    nodes.forEach(({ at }, index) => {
      const [next, previous] = [nodes[(index + 1) % nodes.length], nodes.at(index - 1)];
      this.#ram.view.setBigUint64(at, next?.address ?? head, true);
      this.#ram.view.setBigUint64(at + 8, previous?.address ?? head, true);
    });
  }

  #tail(frame: number, head: number): void {
    const compound = this.#space.pageAddress(head) | 1n;
    this.#set(frame, 0n, { compound, mapping: TAIL_MAPPING, refcount: 0 });
  }

  /** The largest aligned block of free frames from here: its first frame says how large. Returns its frames. */
  #freeBlock(frame: number): number {
    let order = 0;
    const isFree = (one: number): boolean =>
      one < this.#ram.frames && !this.#ram.isTaken(one) && !this.#ram.books.has(one);
    const canGrow = (): boolean => {
      const size = 2 ** (order + 1);
      if (order === LARGEST_ORDER || frame % size !== 0) return false;
      for (let one = frame + size / 2; one < frame + size; one += 1) if (!isFree(one)) return false;
      return true;
    };
    while (canGrow()) order += 1;
    this.#set(frame, 0n, { refcount: 0, type: BUDDY_TYPE, private: BigInt(order) });
    for (let one = frame + 1; one < frame + 2 ** order; one += 1)
      this.#set(one, 0n, { refcount: 0 });
    return 2 ** order;
  }

  #set(
    frame: number,
    flags: bigint,
    rest: {
      refcount: number;
      type?: number;
      mapping?: bigint;
      index?: bigint;
      private?: bigint;
      compound?: bigint;
    },
  ): void {
    const at = this.#place(frame);
    const { view } = this.#ram;
    view.setBigUint64(at + this.#offset('flags'), flags | LAST_CPU, true);
    if (rest.compound !== undefined) {
      view.setBigUint64(at + this.#offset('compound_head'), rest.compound, true);
    }
    if (rest.mapping !== undefined) {
      view.setBigUint64(at + this.#offset('mapping'), rest.mapping, true);
      view.setBigUint64(at + this.#offset('index'), rest.index ?? 0n, true);
    }
    view.setBigUint64(at + this.#offset('private'), rest.private ?? 0n, true);
    view.setUint32(at + this.#offset('_mapcount'), rest.type ?? NOT_MAPPED, true);
    view.setUint32(at + this.#offset('_refcount'), rest.refcount, true);
  }

  /** Physical address of a frame's struct page. */
  #place(frame: number): number {
    const holder = this.#frames[Math.floor((frame * STRUCT_PAGE) / PAGE_BYTES)] ?? 0;
    return holder * PAGE_BYTES + ((frame * STRUCT_PAGE) % PAGE_BYTES);
  }

  /** Asked for every frame, so remembered. */
  #offset(member: string): number {
    let offset = this.#offsets.get(member);
    if (offset === undefined) {
      ({ offset } = this.#types.field('page', member));
      this.#offsets.set(member, offset);
    }
    return offset;
  }

  #flags(...names: string[]): bigint {
    return names.reduce(
      (bits, name) => bits | (1n << BigInt(this.#types.enumValue(`PG_${name}`))),
      0n,
    );
  }
}
