import { PAGE_BYTES, physical, type VirtualPage } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { AbsenceRule, AbsentPages } from './absent-pages.ts';
import { ABSENT, LEAF, MAY_ALL, type EntryRules } from './entry-rules.ts';
import type { LeafLog } from './leaf-log.ts';
import { isPlausible, LeafTable } from './leaf-table.ts';
import { ENTRY_WORDS, TABLE_ENTRIES, halfPages, type Level, type PagingMode } from './levels.ts';
import type { WantedFrames } from './wanted-frames.ts';

/** Virtual pages from `start` up to `end`, exclusive. */
export interface PageRange {
  readonly start: VirtualPage;
  readonly end: VirtualPage;
}

/** A table that was read, and where in the log its leaves stand. */
interface ReadTable {
  readonly base: number;
  readonly start: number;
  readonly end: number;
  readonly unreadable: number;
}

/** Devices answer below 4 GiB even where there is no RAM: pages there are no sign of a false table. */
const DEVICE_FRAMES = 2 ** 20;

/**
 * Walks page tables from the root down and logs the leaves whose frames are wanted.
 *
 * A table is read once for each level at which it stands and for each set of permissions granted above it, however many
 * entries lead to it: what it logged is repeated at the other places. So the image's size bounds the work, whatever the
 * tables say. Entries that lead back to a table on the way (Windows' self-map, loops) are left out: they map tables, not
 * memory of anybody.
 */
export class TableWalk {
  /** Tables that were read from the image and are such, however often each. */
  tablesRead = 0;
  leaves = 0;
  readonly #memory: PhysicalMemory;
  readonly #mode: PagingMode;
  readonly #rules: EntryRules;
  readonly #wanted: WantedFrames;
  readonly #log: LeafLog;
  readonly #skip: readonly PageRange[];
  readonly #leafTable: LeafTable;
  /** First frame that cannot exist. */
  readonly #frameLimit: number;
  readonly #known = new Map<number, ReadTable>();
  /** The table being walked on each level above the last: its frame, its bytes, its entries (low half first). */
  readonly #way: Float64Array;
  readonly #bytes: readonly Uint8Array<ArrayBuffer>[];
  readonly #entries: readonly Uint32Array[];
  readonly #quads: readonly Float64Array[];
  /** Its entries that lead somewhere, for nearly all are empty: index, kind, and the frame that each leads to. */
  readonly #used: readonly Uint16Array[];
  readonly #usedCount: Uint16Array;
  readonly #kinds: readonly Uint8Array[];
  readonly #targets: readonly Float64Array[];

  constructor(
    memory: PhysicalMemory,
    mode: PagingMode,
    rules: EntryRules,
    wanted: WantedFrames,
    log: LeafLog,
    skip: readonly PageRange[],
    absenceOf: AbsenceRule | null = null,
  ) {
    this.#memory = memory;
    this.#mode = mode;
    this.#rules = rules;
    this.#wanted = wanted;
    this.#log = log;
    this.#skip = skip;
    const last = memory.runs.at(-1);
    const frames = last === undefined ? 0 : Math.ceil((last.start + last.length) / PAGE_BYTES);
    this.#frameLimit = Math.max(frames, DEVICE_FRAMES);
    this.#leafTable = new LeafTable(memory, rules, wanted, this.#frameLimit, absenceOf);
    this.#way = new Float64Array(mode.levels.length).fill(-1);
    this.#bytes = mode.levels.map(() => new Uint8Array(PAGE_BYTES));
    this.#entries = this.#bytes.map((bytes) => new Uint32Array(bytes.buffer));
    this.#quads = this.#bytes.map((bytes) => new Float64Array(bytes.buffer));
    this.#used = mode.levels.map(() => new Uint16Array(TABLE_ENTRIES));
    this.#usedCount = new Uint16Array(mode.levels.length);
    this.#kinds = mode.levels.map(() => new Uint8Array(TABLE_ENTRIES));
    this.#targets = mode.levels.map(() => new Float64Array(TABLE_ENTRIES));
  }

  /** Absent pages that were met so far; none without a rule for them. */
  get absent(): AbsentPages {
    const { compressed, pagedOut } = this.#leafTable;
    return { compressed, pagedOut };
  }

  /** Walks one half under a root; returns how many tables could not be read. */
  walk(root: number, half: 'user' | 'kernel'): number {
    const middle = TABLE_ENTRIES / 2;
    return half === 'user'
      ? this.#table(root, 0, 0, MAY_ALL, 0, middle)
      : this.#table(root, 0, 2 ** 52 - 2 * halfPages(this.#mode), MAY_ALL, middle, TABLE_ENTRIES);
  }

  /** Reads a table and everything below it. `base`: the page that its entry 0 would map. */
  #table(
    frame: number,
    depth: number,
    base: number,
    permissions: number,
    first: number,
    end: number,
  ): number {
    const level = this.#mode.levels[depth];
    const entries = this.#entries[depth];
    const used = this.#used[depth];
    const kinds = this.#kinds[depth];
    const targets = this.#targets[depth];
    if (!level || !entries || !used || !kinds || !targets) return 0;
    if (level.pageBytes === PAGE_BYTES) return this.#pages(frame, level, base, permissions);
    if (!this.#load(frame, depth, level)) return 1;

    this.#way[depth] = frame;
    let unreadable = 0;
    const count = this.#usedCount[depth] ?? 0;
    for (let n = 0; n < count; n += 1) {
      const index = used[n] ?? 0;
      if (index < first || index >= end) continue;
      const target = targets[n] ?? 0;
      const low = entries[ENTRY_WORDS * index] ?? 0;
      const high = entries[ENTRY_WORDS * index + 1] ?? 0;
      const page = base + index * level.entryPages;
      if (kinds[n] === LEAF) this.#largePage(low, high, level, page, target, permissions);
      else {
        const granted = permissions & this.#rules.permissions(low, high, level);
        unreadable += this.#below(target, depth + 1, page, level.entryPages, granted);
      }
    }
    this.#way[depth] = -1;
    return unreadable;
  }

  /** Reads a table of the last level, and logs those of its pages that matter. */
  #pages(frame: number, level: Level, base: number, above: number): number {
    const table = this.#leafTable;
    if (!table.read(frame)) return 1;
    this.tablesRead += 1;
    this.leaves += table.leaves;
    for (let n = 0; n < table.notedCount; n += 1) {
      const index = table.noted[n] ?? 0;
      const page = base + index;
      if (this.#isSkipped(page)) continue;
      const low = table.entries[ENTRY_WORDS * index] ?? 0;
      const high = table.entries[ENTRY_WORDS * index + 1] ?? 0;
      const granted = above & this.#rules.permissions(low, high, level);
      const state = this.#rules.state(low, high, level);
      this.#log.add(page, table.frame(index), granted, state, PAGE_BYTES);
    }
    return 0;
  }

  #below(frame: number, depth: number, base: number, pages: number, permissions: number): number {
    let isPartlySkipped = false;
    for (const { start, end } of this.#skip) {
      if (base >= start && base + pages <= end) return 0;
      if (base < end && base + pages > start) isPartlySkipped = true;
    }
    if (this.#way.includes(frame)) return 0;
    // What is left out lies at the ends of few ranges, so reading such a table anew costs little.
    if (isPartlySkipped) return this.#table(frame, depth, base, permissions, 0, TABLE_ENTRIES);

    const key = (frame * 8 + depth) * 8 + permissions;
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#log.repeat(known.start, known.end, base - known.base);
      return known.unreadable;
    }

    const start = this.#log.length;
    const unreadable = this.#table(frame, depth, base, permissions, 0, TABLE_ENTRIES);
    this.#known.set(key, { base, start, end: this.#log.length, unreadable });
    return unreadable;
  }

  #largePage(
    low: number,
    high: number,
    level: Level,
    page: number,
    frame: number,
    above: number,
  ): void {
    const end = this.#wanted.rank(frame + level.entryPages);
    let rank = this.#wanted.rank(frame);
    if (rank === end) return;
    const granted = above & this.#rules.permissions(low, high, level);
    const state = this.#rules.state(low, high, level);
    for (; rank < end; rank += 1) {
      if (!this.#log.mayExpand()) {
        this.#log.dropped += end - rank;
        return;
      }
      const member = this.#wanted.at(rank);
      const at = page + member - frame;
      if (this.#isSkipped(at)) continue;
      this.#log.add(at, member, granted, state, level.pageBytes ?? PAGE_BYTES);
    }
  }

  #isSkipped(page: number): boolean {
    if (this.#skip.length === 0) return false;
    for (const { start, end } of this.#skip) {
      if (page >= start && page < end) return true;
    }
    return false;
  }

  /** Reads a table above the last level, and what its entries are; false as `LeafTable.read`. */
  #load(frame: number, depth: number, level: Level): boolean {
    const bytes = this.#bytes[depth];
    const entries = this.#entries[depth];
    const used = this.#used[depth];
    const kinds = this.#kinds[depth];
    const targets = this.#targets[depth];
    const quads = this.#quads[depth];
    if (!bytes || !entries || !quads || !used || !kinds || !targets) return false;
    if (this.#memory.read(physical(frame * PAGE_BYTES), bytes) < PAGE_BYTES) return false;

    let count = 0;
    let outside = 0;
    let leaves = 0;
    for (
      let index = nextUsed(quads, 0);
      index < TABLE_ENTRIES;
      index = nextUsed(quads, index + 1)
    ) {
      const low = entries[ENTRY_WORDS * index] ?? 0;
      const high = entries[ENTRY_WORDS * index + 1] ?? 0;
      const kind = this.#rules.kind(low, high, level);
      if (kind === ABSENT) continue;
      const target = this.#rules.frame(low, high, level);
      used[count] = index;
      kinds[count] = kind;
      targets[count] = target;
      count += 1;
      if (kind === LEAF) leaves += 1;
      if (target >= this.#frameLimit) outside += 1;
    }
    this.#usedCount[depth] = count;
    if (!isPlausible(count, outside)) return false;
    this.tablesRead += 1;
    this.leaves += leaves;
    return true;
  }
}

/** The next entry that is not all zero. A loop of its own, as small as can be: it sees nearly all entries of such tables. */
function nextUsed(quads: Float64Array, from: number): number {
  let index = from;
  while (index < TABLE_ENTRIES && quads[index] === 0) index += 1;
  return index;
}
