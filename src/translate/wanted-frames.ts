import type { FrameSet } from '../memory/frame-set.ts';
import { type Halves, mayJoin } from './halves.ts';

/** Frames of a 2 MiB page: the ranks are kept at this distance. */
const BLOCK = 512;

/**
 * The frames somebody asked about: those whose mappings are wanted, and those that can be one side of a seam. One bit
 * each for single pages, and in order for large ones.
 */
export class WantedFrames {
  readonly #halves: Halves;
  /** Of each set. */
  readonly #interest: Uint32Array;
  readonly #tails: Uint32Array;
  readonly #heads: Uint32Array;
  /** Null: not known. */
  readonly #larger: Uint32Array | null;
  /** Of all sets. */
  readonly #words: Uint32Array;
  /** Frames at and above it are no members. */
  readonly #limit: number;
  /** Frames that matter to their neighbours: of `interest`, or with a larger half; null: nobody knows. */
  readonly special: Uint32Array | null;
  #order: Order | null = null;

  constructor(interest: FrameSet, halves: Halves) {
    this.#interest = interest.words;
    this.#tails = halves.tails.words;
    this.#heads = halves.heads.words;
    this.#larger = halves.larger?.words ?? null;
    this.#halves = halves;
    const sets = [interest, halves.tails, halves.heads];
    this.#words = new Uint32Array(Math.max(...sets.map((set) => set.words.length)));
    this.#limit = this.#words.length * 32;
    for (const { words } of sets) addBits(this.#words, words);
    const { larger } = halves;
    this.special = larger ? new Uint32Array(this.#words.length) : null;
    if (larger && this.special) {
      addBits(this.special, interest.words);
      addBits(this.special, larger.words);
    }
  }

  has(frame: number): boolean {
    // A frame that a damaged entry names can pass the words' end, and 32 bits.
    return frame < this.#limit && (word(this.#words, frame >>> 5) & (1 << (frame & 31))) !== 0;
  }

  /** See `Halves`. */
  mayJoin(first: number, second: number): boolean {
    return mayJoin(this.#halves, first, second);
  }

  /**
   * Whether a page of a member matters: its frame is asked for, or can be one side of a seam, if the neighbour is the other, or is not
   * known (-1).
   */
  isWorthy(previous: number, frame: number, next: number): boolean {
    const at = frame >>> 5;
    const bit = 1 << (frame & 31);
    if ((word(this.#interest, at) & bit) !== 0) return true;
    const isLarger = this.#isLarger(frame);
    const mayBegin = (word(this.#tails, at) & bit) !== 0;
    if (mayBegin && (next < 0 || ((isLarger || this.#isLarger(next)) && this.mayJoin(frame, next))))
      return true;
    const mayEnd = (word(this.#heads, at) & bit) !== 0;
    if (!mayEnd) return false;
    return (
      previous < 0 || ((isLarger || this.#isLarger(previous)) && this.mayJoin(previous, frame))
    );
  }

  #isLarger(frame: number): boolean {
    const words = this.#larger;
    return words === null || (word(words, frame >>> 5) & (1 << (frame & 31))) !== 0;
  }

  /** Index of the first member at or above `frame`, a multiple of 512: `at` takes it. Costs the same for any page size. */
  rank(frame: number): number {
    const { ranks } = (this.#order ??= orderOf(this.#words));
    return ranks[Math.min(frame / BLOCK, ranks.length - 1)] ?? 0;
  }

  /** The member with this rank. */
  at(rank: number): number {
    return (this.#order ??= orderOf(this.#words)).sorted[rank] ?? 0;
  }
}

/** Made when the first large page is met: many machines have none. */
interface Order {
  /** All members, ascending. */
  readonly sorted: Float64Array;
  /** Number of members below each multiple of `BLOCK`. */
  readonly ranks: Uint32Array;
}

function orderOf(words: Uint32Array): Order {
  const blocks = Math.ceil((words.length * 32) / BLOCK);
  const ranks = new Uint32Array(blocks + 1);
  const members: number[] = [];
  for (let n = 0; n < words.length; n += 1) {
    if (n % (BLOCK / 32) === 0) ranks[(n * 32) / BLOCK] = members.length;
    for (let bits = word(words, n); bits !== 0; bits &= bits - 1) {
      members.push(n * 32 + 31 - Math.clz32(bits & -bits));
    }
  }
  ranks[blocks] = members.length;
  return { sorted: Float64Array.from(members), ranks };
}

/** A loop of its own, for it sees every word of a machine. */
function addBits(words: Uint32Array, more: Uint32Array): void {
  for (let n = 0; n < more.length; n += 1) {
    const bits = more[n] ?? 0;
    if (bits !== 0) words[n] = word(words, n) | bits;
  }
}

const word = (words: Uint32Array, index: number): number => words[index] ?? 0;
