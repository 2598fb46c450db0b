import { type CountFours, machineCode } from '../machine-code/machine-code.ts';
import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { HalfSet } from './byte-model.ts';

/**
 * What stands how often at even places of some pages of an image. Like `MemoryModel`, it only decides where the scan
 * looks for a literal first: a wrong count costs time, never a hit.
 */
export class MemorySample {
  /** How often each two bytes stood, little-endian. */
  private readonly pairs: Uint32Array;
  /** Of the most frequent four bytes, `FOURS` at most: their shares, 0 to 1. */
  private readonly shares: Float64Array;
  private readonly places: number;
  /** By the place among the four, 0 to 3, and by a half of the byte there: the set of them that have it, a bit each. */
  private readonly lower = new Int32Array(HALF_ROWS * SET_WORDS);
  private readonly upper = new Int32Array(HALF_ROWS * SET_WORDS);
  /** By the place: sets of them that have one of the halves there. Few are asked for, thousands of times. */
  private readonly known: readonly Map<HalfSet, Int32Array>[] = [0, 8, 16, 24].map(
    () => new Map<HalfSet, Int32Array>(),
  );

  /** @param pages whole ones */
  constructor(pages: Uint8Array, code = machineCode()) {
    const words = new Uint16Array(pages.buffer, pages.byteOffset, pages.length >> 1);
    this.places = words.length;
    this.pairs = new Uint32Array(0x10000);
    const counted = frequentFours(words, this.pairs, code?.countFours ?? countFours);
    this.shares = Float64Array.from(counted, ({ count }) => count / this.places);
    for (const [number, { four }] of counted.entries()) {
      for (let place = 0; place < 4; place += 1) {
        const byte = (four >>> (8 * place)) & 255;
        addTo(this.lower, 16 * place + (byte & 15), number);
        addTo(this.upper, 16 * place + (byte >> 4), number);
      }
    }
  }

  shareOfPair(pair: number): number {
    return (this.pairs[pair] ?? 0) / this.places;
  }

  /** Of the places with such bytes, as far as they are frequent ones. */
  shareOf(first: HalfSet, second: HalfSet, third: HalfSet, fourth: HalfSet): number {
    const a = this.having(0, first);
    const b = this.having(1, second);
    const c = this.having(2, third);
    const d = this.having(3, fourth);
    let sum = 0;
    for (let word = 0; word < SET_WORDS; word += 1) {
      let all = (a[word] ?? 0) & (b[word] ?? 0) & (c[word] ?? 0) & (d[word] ?? 0);
      for (; all !== 0; all &= all - 1) {
        sum += this.shares[word * 32 + 31 - Math.clz32(all & -all)] ?? 0;
      }
    }
    return sum;
  }

  private having(place: number, set: HalfSet): Int32Array {
    let having = this.known[place]?.get(set);
    if (having === undefined) {
      having = unionOf(this.lower, 16 * place, set & 0xffff);
      const upper = unionOf(this.upper, 16 * place, set >>> 16);
      for (let word = 0; word < SET_WORDS; word += 1) {
        having[word] = (having[word] ?? 0) & (upper[word] ?? 0);
      }
      this.known[place]?.set(set, having);
    }
    return having;
  }
}

/**
 * Pages spread evenly over all that the image holds.
 *
 * @returns their bytes; null where they cannot be read cheaply, for the image does not hold them as they are, or not yet
 */
export function sampleOf(memory: PhysicalMemory): Uint8Array | null {
  const total = memory.runs.reduce((sum, { length }) => sum + length, 0);
  if (total < LEAST_BYTES || memory.runs.some(({ fileOffset }) => fileOffset === null)) return null;
  const step = Math.ceil(total / PAGES / PAGE_BYTES) * PAGE_BYTES;
  const pages = new Uint8Array(PAGES * PAGE_BYTES);
  let filled = 0;
  let skip = step >> 1;
  for (const { start, length } of memory.runs) {
    for (; skip + PAGE_BYTES <= length && filled < pages.length; skip += step) {
      const page = pages.subarray(filled, filled + PAGE_BYTES);
      if (memory.read(physical(start + skip), page) === PAGE_BYTES) filled += PAGE_BYTES;
    }
    skip -= length;
  }
  return filled === 0 ? null : pages.subarray(0, filled);
}

const PAGES = 64;
/** A smaller image is scanned before a better choice pays. */
const LEAST_BYTES = 2 ** 30;

const FOURS = 128;
const SET_WORDS = FOURS / 32;
/** One for each place and half of a byte. */
const HALF_ROWS = 4 * 16;

/** Adds a number to the set of a row. */
function addTo(sets: Int32Array, row: number, number: number): void {
  const word = row * SET_WORDS + (number >> 5);
  sets[word] = (sets[word] ?? 0) | (1 << (number & 31));
}

/** What is in any of the sets from row `first` on for which `rows` has a bit. */
function unionOf(sets: Int32Array, first: number, rows: number): Int32Array {
  const union = new Int32Array(SET_WORDS);
  for (let rest = rows; rest !== 0; rest &= rest - 1) {
    const row = (first + 31 - Math.clz32(rest & -rest)) * SET_WORDS;
    for (let word = 0; word < SET_WORDS; word += 1) {
      union[word] = (union[word] ?? 0) | (sets[row + word] ?? 0);
    }
  }
  return union;
}

/** Rarer ones say nothing yet. */
const LEAST_COUNT = 4;
const SLOT_BITS = 14;

/** Counts all pairs, and tells the four bytes that are frequent. */
function frequentFours(
  words: Uint16Array,
  pairs: Uint32Array,
  count: CountFours,
): readonly { readonly four: number; readonly count: number }[] {
  const fours = new Uint32Array(2 ** SLOT_BITS);
  const counts = new Uint32Array(2 ** SLOT_BITS);
  const frequent = Array.from(
    { length: count(words, pairs, fours, counts, LEAST_COUNT) },
    (_, number) => ({
      four: fours[number] ?? 0,
      count: counts[number] ?? 0,
    }),
  );
  return frequent.toSorted((a, b) => b.count - a.count).slice(0, FOURS);
}

/**
 * Counts all pairs, and all four bytes at even places: those that were counted `least` times, and how often, come first in
 * `fours` and `counts`. Of those that share a slot the most frequent stays (majority vote of Boyer and Moore), counted too
 * low by the others: noise does not keep it out.
 *
 * @returns how many there are
 */
export const countFours: CountFours = (words, pairs, fours, counts, least) => {
  const shift = Math.clz32(counts.length) + 1;
  let before = 0;
  for (const word of words) {
    pairs[word] = (pairs[word] ?? 0) + 1;
    const four = (before | (word << 16)) >>> 0;
    const slot = Math.imul(four, 0x9e3779b1) >>> shift;
    const count = counts[slot] ?? 0;
    if (count === 0) fours[slot] = four;
    counts[slot] = count === 0 || fours[slot] === four ? count + 1 : count - 1;
    before = word;
  }
  let frequent = 0;
  for (const [slot, count] of counts.entries()) {
    if (count < least) continue;
    fours[frequent] = fours[slot] ?? 0;
    counts[frequent] = count;
    frequent += 1;
  }
  return frequent;
};
