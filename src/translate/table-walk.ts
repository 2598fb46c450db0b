import { PAGE_BYTES, physical, type VirtualPage } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { ABSENT, LEAF, MAY_ALL, type EntryRules } from './entry-rules.ts';
import type { LeafLog } from './leaf-log.ts';
import { TABLE_ENTRIES, halfPages, type Level, type PagingMode } from './levels.ts';
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

/** A table with fewer entries is too small to be judged by where they point. */
const FEWEST_JUDGED = 4;

/**
 * Walks page tables from the root down and logs the leaves whose frames are wanted.
 *
 * A table is read once for each level at which it stands and for each set of permissions granted above it, however many
 * entries lead to it: what it logged is repeated at the other places. So the image's size bounds the work, whatever the
 * tables say. Entries that lead back to a table on the way (Windows' self-map, loops) are left out: they map tables, not
 * memory of anybody.
 */
export class TableWalk {
  tablesRead = 0;
  leaves = 0;
  readonly #memory: PhysicalMemory;
  readonly #mode: PagingMode;
  readonly #rules: EntryRules;
  readonly #wanted: WantedFrames;
  readonly #log: LeafLog;
  readonly #skip: readonly PageRange[];
  /** First frame that cannot exist. */
  readonly #frameLimit: number;
  readonly #known = new Map<number, ReadTable>();
  /** The table being walked on each level: its frame, its bytes, and the entries in them (low half first). */
  readonly #way: Float64Array;
  readonly #bytes: readonly Uint8Array<ArrayBuffer>[];
  readonly #entries: readonly Uint32Array[];

  constructor(
    memory: PhysicalMemory,
    mode: PagingMode,
    rules: EntryRules,
    wanted: WantedFrames,
    log: LeafLog,
    skip: readonly PageRange[],
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
    this.#way = new Float64Array(mode.levels.length).fill(-1);
    this.#bytes = mode.levels.map(() => new Uint8Array(PAGE_BYTES));
    this.#entries = this.#bytes.map((bytes) => new Uint32Array(bytes.buffer));
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
    if (level === undefined || entries === undefined) return 0;
    if (!this.#load(frame, depth, level)) return 1;

    this.#way[depth] = frame;
    let unreadable = 0;
    for (let index = first; index < end; index += 1) {
      const low = entries[2 * index] ?? 0;
      const high = entries[2 * index + 1] ?? 0;
      if ((low | high) === 0) continue;

      const kind = this.#rules.kind(low, high, level);
      if (kind === ABSENT) continue;
      const page = base + index * level.entryPages;
      if (kind === LEAF) this.#leaf(low, high, level, page, permissions);
      else {
        const granted = permissions & this.#rules.permissions(low, high, level);
        const target = this.#rules.frame(low, high, level);
        unreadable += this.#below(target, depth + 1, page, level.entryPages, granted);
      }
    }
    this.#way[depth] = -1;
    return unreadable;
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

  #leaf(low: number, high: number, level: Level, page: number, above: number): void {
    this.leaves += 1;
    const frame = this.#rules.frame(low, high, level);
    const pageBytes = level.pageBytes ?? PAGE_BYTES;
    if (pageBytes === PAGE_BYTES) {
      if (!this.#wanted.has(frame) || this.#isSkipped(page)) return;
      const granted = above & this.#rules.permissions(low, high, level);
      this.#log.add(page, frame, granted, this.#rules.state(low, high, level), pageBytes);
      return;
    }

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
      if (!this.#isSkipped(at)) this.#log.add(at, member, granted, state, pageBytes);
    }
  }

  #isSkipped(page: number): boolean {
    for (const { start, end } of this.#skip) {
      if (page >= start && page < end) return true;
    }
    return false;
  }

  /** False where the image lacks the table, or holds something else in its place: most entries lead out of RAM. */
  #load(frame: number, depth: number, level: Level): boolean {
    const bytes = this.#bytes[depth];
    const entries = this.#entries[depth];
    if (bytes === undefined || entries === undefined) return false;
    if (this.#memory.read(physical(frame * PAGE_BYTES), bytes) < PAGE_BYTES) return false;
    this.tablesRead += 1;

    let used = 0;
    let outside = 0;
    for (let n = 0; n < entries.length; n += 2) {
      const low = entries[n] ?? 0;
      const high = entries[n + 1] ?? 0;
      if ((low | high) === 0 || this.#rules.kind(low, high, level) === ABSENT) continue;
      used += 1;
      if (this.#rules.frame(low, high, level) >= this.#frameLimit) outside += 1;
    }
    return used < FEWEST_JUDGED || outside * 2 <= used;
  }
}
