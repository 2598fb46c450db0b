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

  /** What is remembered, by place: page, its 4 KiB frame, and the leaf entry it came from. */
  readonly #pages = new Float64Array(REMEMBERED).fill(-1);
  readonly #frames = new Float64Array(REMEMBERED);
  readonly #low = new Uint32Array(REMEMBERED);
  readonly #high = new Uint32Array(REMEMBERED);
  readonly #level = new Uint8Array(REMEMBERED);
  readonly #permissions = new Uint8Array(REMEMBERED);
  /** 1: not from the tables. */
  readonly #isBeyond = new Uint8Array(REMEMBERED);

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

  /** Null: not mapped to a frame, not canonical, or a table on the way is not in the image. */
  translate(address: VirtualAddress): Translation | null {
    const place = this.#find(Number(address >> 12n));
    const level = this.mode.levels[this.#level[place] ?? 0];
    if (place < 0 || level === undefined) return null;

    const permissions = this.#permissions[place] ?? 0;
    return {
      physical: physical((this.#frames[place] ?? 0) * PAGE_BYTES + Number(address & 0xfffn)),
      pageBytes: level.pageBytes ?? PAGE_BYTES,
      isWritable: (permissions & MAY_WRITE) !== 0,
      isUser: (permissions & MAY_USER) !== 0,
      isExecutable: (permissions & MAY_EXECUTE) !== 0,
      state:
        this.#isBeyond[place] === 1
          ? 'prototype'
          : this.rules.state(this.#low[place] ?? 0, this.#high[place] ?? 0, level),
    };
  }

  /** Fills `into` from `address`; returns how many bytes it filled before the first that is not mapped or not in the image. */
  read(address: VirtualAddress, into: Uint8Array): number {
    let page = Number(address >> 12n);
    let offset = Number(address & 0xfffn);
    let filled = 0;
    while (filled < into.length) {
      const place = this.#find(page);
      if (place < 0) break;

      const at = (this.#frames[place] ?? 0) * PAGE_BYTES + offset;
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
    if (this.#pages[place] === page) return place;
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
        this.#pages[place] = page;
        this.#frames[place] = frame + (page % level.entryPages);
        this.#low[place] = low;
        this.#high[place] = high;
        this.#level[place] = depth;
        this.#permissions[place] = permissions;
        this.#isBeyond[place] = 0;
        return place;
      }
      table = frame;
    }
    return -1;
  }

  #lookBeyond(page: number, place: number, low: number, high: number): number {
    const frame = this.#beyond?.frameOf(page, low, high) ?? -1;
    if (this.#beyond === null || frame < 0) return -1;
    this.#pages[place] = page;
    this.#frames[place] = frame;
    this.#level[place] = this.mode.levels.length - 1;
    this.#permissions[place] = this.#beyond.permissionsOf(page);
    this.#isBeyond[place] = 1;
    return place;
  }
}
