import {
  PAGE_BYTES,
  frameOf,
  physical,
  type PhysicalAddress,
  type VirtualAddress,
} from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import {
  ABSENT,
  LEAF,
  MAY_ALL,
  MAY_EXECUTE,
  MAY_USER,
  MAY_WRITE,
  type EntryRules,
} from './entry-rules.ts';
import { ENTRY_BYTES, TABLE_ENTRIES, isCanonical, type PagingMode } from './levels.ts';
import type { MappingState } from './mapping.ts';
import { PageCache } from './page-cache.ts';
import type { BeyondTables } from './beyond-tables.ts';

/** Where a virtual address leads. */
export interface Translation {
  readonly physical: PhysicalAddress;
  /** 4,096, 2 MiB or 1 GiB: the page that the entry maps. */
  readonly pageBytes: number;
  readonly isWritable: boolean;
  readonly isUser: boolean;
  readonly isExecutable: boolean;
  readonly state: MappingState;
}

/** Remembered translations. A place for each page number modulo this. */
const REMEMBERED = 512;

/** Of 64-bit addresses: behind the last comes the first. */
const ALL_PAGES = 2 ** 52;

/** What is remembered, by place: page, its 4 KiB frame, and the leaf entry it came from. */
class Remembered {
  readonly pages: Float64Array;
  readonly frames: Float64Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly level: Uint8Array;
  readonly permissions: Uint8Array;
  /** 1: not from the tables. */
  readonly isBeyond: Uint8Array;

  constructor() {
    // One piece of memory: seven cost seven times as much to make.
    const bytes = new ArrayBuffer(REMEMBERED * 27);
    this.pages = new Float64Array(bytes, 0, REMEMBERED).fill(-1);
    this.frames = new Float64Array(bytes, REMEMBERED * 8, REMEMBERED);
    this.low = new Uint32Array(bytes, REMEMBERED * 16, REMEMBERED);
    this.high = new Uint32Array(bytes, REMEMBERED * 20, REMEMBERED);
    this.level = new Uint8Array(bytes, REMEMBERED * 24, REMEMBERED);
    this.permissions = new Uint8Array(bytes, REMEMBERED * 25, REMEMBERED);
    this.isBeyond = new Uint8Array(bytes, REMEMBERED * 26, REMEMBERED);
  }
}

/**
 * Memory as one set of page tables shows it.
 *
 * Hand a shared `PageCache` in as `memory` where several spaces of one image are read. Translations are remembered: the
 * image must not change.
 */
export class AddressSpace {
  readonly root: PhysicalAddress;
  readonly mode: PagingMode;
  readonly rules: EntryRules;
  readonly #cache: PageCache;
  readonly #beyond: BeyondTables | null;
  /** Made with the first translation: of most processes nothing is read. */
  #known: Remembered | null = null;

  /**
   * @param root - of the tables; the low 12 bits (PCID of a CR3) are left out
   * @param beyond - what the process has beside its tables
   */
  constructor(
    memory: PhysicalMemory,
    root: PhysicalAddress,
    mode: PagingMode,
    rules: EntryRules,
    beyond: BeyondTables | null = null,
  ) {
    this.#beyond = beyond;
    this.root = physical(root - (root % PAGE_BYTES));
    this.mode = mode;
    this.rules = rules;
    this.#cache = PageCache.over(memory);
  }

  /** The image as it is read here, for a walk over many tables: it finds those at hand and displaces none of them. */
  get passing(): PhysicalMemory {
    const cache = this.#cache;
    return { runs: cache.runs, read: (at, into) => cache.readOnce(at, into) };
  }

  /** Null: not mapped to a frame, not canonical, or a table on the way is not in the image. */
  translate(address: VirtualAddress): Translation | null {
    const { page, offset } = this.#cache.split(address);
    const place = this.#find(page);
    const known = this.#known;
    const level = this.mode.levels[known?.level[place] ?? 0];
    if (place < 0 || known === null || level === undefined) return null;

    const permissions = known.permissions[place] ?? 0;
    return {
      physical: physical((known.frames[place] ?? 0) * PAGE_BYTES + offset),
      pageBytes: level.pageBytes ?? PAGE_BYTES,
      isWritable: (permissions & MAY_WRITE) !== 0,
      isUser: (permissions & MAY_USER) !== 0,
      isExecutable: (permissions & MAY_EXECUTE) !== 0,
      state:
        known.isBeyond[place] === 1
          ? 'prototype'
          : this.rules.state(known.low[place] ?? 0, known.high[place] ?? 0, level),
    };
  }

  /** Frame that a page leads to, as `translate` says it of an address; -1: null. For loops over many pages. */
  frameOf(page: number): number {
    const place = this.#find(page);
    return place < 0 ? -1 : (this.#known?.frames[place] ?? -1);
  }

  /**
   * Fills `into` from `address`; returns how many bytes it filled before the first that is not mapped or not in the image.
   *
   * @param further - bytes behind the address where it begins: for fields of structures, without a bigint for each
   */
  read(address: VirtualAddress, into: Uint8Array, further = 0): number {
    const split = this.#cache.split(address);
    const pages = Math.floor((split.offset + further) / PAGE_BYTES);
    let page = (split.page + pages) % ALL_PAGES;
    let offset = split.offset + further - pages * PAGE_BYTES;
    let filled = 0;
    while (filled < into.length) {
      const place = this.#find(page);
      if (place < 0) break;

      const at = (this.#known?.frames[place] ?? 0) * PAGE_BYTES + offset;
      const count = this.#cache.copy(at, into, filled, into.length - filled);
      filled += count;
      offset += count;
      if (count === 0) break;
      if (offset === PAGE_BYTES) {
        page += 1;
        offset = 0;
      }
    }
    return filled;
  }

  /** Place where the page's translation is remembered, walking the tables if need be; -1 if there is none. */
  #find(page: number): number {
    const place = page % REMEMBERED;
    if (this.#known !== null && this.#known.pages[place] === page) return place;
    return isCanonical(page, this.mode) ? this.#walk(page, place) : -1;
  }

  #walk(page: number, place: number): number {
    const { levels } = this.mode;
    let table: number = frameOf(this.root);
    let permissions = MAY_ALL;

    for (let depth = 0; depth < levels.length; depth += 1) {
      const level = levels[depth];
      if (level === undefined) break;

      const index = Math.floor(page / level.entryPages) % TABLE_ENTRIES;
      const entry = this.#cache.locate(table * PAGE_BYTES + index * ENTRY_BYTES, ENTRY_BYTES);
      if (entry < 0) break;

      const low = this.#cache.view.getUint32(entry, true);
      const high = this.#cache.view.getUint32(entry + 4, true);
      const kind = this.rules.kind(low, high, level);
      if (kind === ABSENT) {
        const isLast = depth === levels.length - 1;
        // A table that was paged out may say anything of its pages.
        return isLast || (low | high) === 0 ? this.#lookBeyond(page, place, low, high) : -1;
      }

      permissions &= this.rules.permissions(low, high, level);
      const frame = this.rules.frame(low, high, level);
      if (kind === LEAF) {
        const known = (this.#known ??= new Remembered());
        known.pages[place] = page;
        known.frames[place] = frame + (page % level.entryPages);
        known.low[place] = low;
        known.high[place] = high;
        known.level[place] = depth;
        known.permissions[place] = permissions;
        known.isBeyond[place] = 0;
        return place;
      }
      table = frame;
    }
    return -1;
  }

  #lookBeyond(page: number, place: number, low: number, high: number): number {
    const frame = this.#beyond?.frameOf(page, low, high) ?? -1;
    if (this.#beyond === null || frame < 0) return -1;
    const known = (this.#known ??= new Remembered());
    known.pages[place] = page;
    known.frames[place] = frame;
    known.level[place] = this.mode.levels.length - 1;
    known.permissions[place] = this.#beyond.permissionsOf(page);
    known.isBeyond[place] = 1;
    return place;
  }
}
