import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { COMPRESSED, PAGED_OUT, type AbsenceRule } from './absent-pages.ts';
import type { EntryRules } from './entry-rules.ts';
import { ENTRY_WORDS, TABLE_ENTRIES } from './levels.ts';
import type { WantedFrames } from './wanted-frames.ts';

/** A table with fewer entries is too small to be judged by where they point. */
const FEWEST_JUDGED = 4;

/** Whether a table can be one: of what else stands there most entries lead out of RAM. */
export const isPlausible = (used: number, outside: number): boolean =>
  used < FEWEST_JUDGED || outside * 2 <= used;

/**
 * The last-level table that was read last. Nearly all tables are of this level, and nearly all of their pages lead to
 * frames that nobody asked about: one pass sorts those out.
 */
export class LeafTable {
  /** Low half first. */
  readonly entries: Uint32Array;
  /** Entries that hold a frame. */
  leaves = 0;
  /** Indices of entries that matter, the first `notedCount` of them, ascending. */
  readonly noted = new Uint16Array(TABLE_ENTRIES);
  notedCount = 0;
  /** Pages that are not in RAM as they are; those of a table that is read again only once. */
  compressed = 0;
  pagedOut = 0;
  readonly #counted = new Set<number>();
  readonly #bytes = new Uint8Array(PAGE_BYTES);
  /** The entries as numbers: whether one is all zero is asked a million times. */
  readonly #quads = new Float64Array(this.#bytes.buffer);
  /** Frame of each entry; -1: none. */
  readonly #frames = new Float64Array(TABLE_ENTRIES);
  /**
   * By index + 1: 1 for pages that may matter: they or a neighbour are special, or have no neighbour here. Others are at most
   * the smaller half of a text, among such.
   */
  readonly #looks = new Uint8Array(TABLE_ENTRIES + 2);
  readonly #memory: PhysicalMemory;
  readonly #rules: EntryRules;
  readonly #wanted: WantedFrames;
  readonly #absenceOf: AbsenceRule | null;
  /** First frame that cannot exist. */
  readonly #frameLimit: number;

  constructor(
    memory: PhysicalMemory,
    rules: EntryRules,
    wanted: WantedFrames,
    frameLimit: number,
    absenceOf: AbsenceRule | null,
  ) {
    this.entries = new Uint32Array(this.#bytes.buffer);
    this.#memory = memory;
    this.#rules = rules;
    this.#wanted = wanted;
    this.#frameLimit = frameLimit;
    this.#absenceOf = absenceOf;
  }

  /** False where the image lacks it, or holds something else in its place. */
  read(frame: number): boolean {
    if (this.#memory.read(physical(frame * PAGE_BYTES), this.#bytes) < PAGE_BYTES) return false;
    const entries = this.entries;
    const quads = this.#quads;
    const frames = this.#frames.fill(-1);
    const rules = this.#rules;
    const { special } = this.#wanted;
    const looks = this.#looks.fill(special === null ? 1 : 0);
    const limit = this.#frameLimit;
    let leaves = 0;
    let others = 0;
    let outside = 0;
    let before = -2;
    for (let index = 0; index < TABLE_ENTRIES; index += 1) {
      // Of an entry with the highest bit alone the whole is zero too, as a number with a sign.
      if (quads[index] === 0 && entries[ENTRY_WORDS * index + 1] === 0) continue;
      const target = rules.pageFrame(
        entries[ENTRY_WORDS * index] ?? 0,
        entries[ENTRY_WORDS * index + 1] ?? 0,
      );
      if (target < 0) {
        others += 1;
        continue;
      }
      frames[index] = target;
      leaves += 1;
      if (target >= limit) outside += 1;
      if (special === null) continue;
      if (((special[target >>> 5] ?? 0) & (1 << (target & 31))) !== 0) {
        looks[index] = 1;
        looks[index + 1] = 1;
        looks[index + 2] = 1;
      }
      if (before !== index - 1) {
        looks[before + 1] = 1;
        looks[index + 1] = 1;
      }
      before = index;
    }
    looks[before + 1] = 1;
    if (!isPlausible(leaves, outside)) return false;
    this.leaves = leaves;
    this.#noteWorthy();
    if (others > 0) this.#countAbsent(frame);
    return true;
  }

  /** Frame of an entry; -1: it holds none, or there is no such entry. */
  frame(index: number): number {
    return this.#frames[index] ?? -1;
  }

  /**
   * Notes the pages that are asked for, or may be one side of a seam: then its neighbour here is the other, or the neighbour
   * is told elsewhere, by the next table or by what the process has beside its tables.
   */
  #noteWorthy(): void {
    const { noted } = this;
    const frames = this.#frames;
    const looks = this.#looks;
    const wanted = this.#wanted;
    let count = 0;
    for (let index = 0; index < TABLE_ENTRIES; index += 1) {
      if (looks[index + 1] === 0) continue;
      const target = frames[index] ?? -1;
      if (target < 0) continue;
      const next = index + 1 < TABLE_ENTRIES ? (frames[index + 1] ?? -1) : -1;
      const previous = index > 0 ? (frames[index - 1] ?? -1) : -1;
      if (wanted.has(target) && wanted.isWorthy(previous, target, next)) noted[count++] = index;
    }
    this.notedCount = count;
  }

  #countAbsent(frame: number): void {
    const absenceOf = this.#absenceOf;
    if (absenceOf === null || this.#counted.has(frame)) return;
    this.#counted.add(frame);
    for (let index = 0; index < TABLE_ENTRIES; index += 1) {
      if ((this.#frames[index] ?? 0) >= 0) continue;
      const low = this.entries[ENTRY_WORDS * index] ?? 0;
      const high = this.entries[ENTRY_WORDS * index + 1] ?? 0;
      if ((low | high) === 0) continue;
      const absence = absenceOf(low, high);
      if (absence === COMPRESSED) this.compressed += 1;
      else if (absence === PAGED_OUT) this.pagedOut += 1;
    }
  }
}
