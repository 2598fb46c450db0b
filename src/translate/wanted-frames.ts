import type { FrameSet } from '../memory/frame-set.ts';

/** Frames of a 2 MiB page: the ranks are kept at this distance. */
const BLOCK = 512;

/** The frames somebody asked about: one bit each for single pages, and in order for large ones. */
export class WantedFrames {
  readonly #words: Uint32Array;
  /** Frames at and above it are no members. */
  readonly #limit: number;
  /** All members, ascending. */
  readonly #sorted: Float64Array;
  /** Number of members below each multiple of `BLOCK`. */
  readonly #ranks: Uint32Array;

  constructor(sets: readonly FrameSet[]) {
    this.#words = new Uint32Array(Math.max(0, ...sets.map((set) => set.words.length)));
    this.#limit = this.#words.length * 32;
    for (const { words } of sets) {
      for (let n = 0; n < words.length; n += 1) {
        const bits = words[n] ?? 0;
        if (bits !== 0) this.#words[n] = word(this.#words, n) | bits;
      }
    }

    const blocks = Math.ceil((this.#words.length * 32) / BLOCK);
    this.#ranks = new Uint32Array(blocks + 1);
    const members: number[] = [];
    for (let n = 0; n < this.#words.length; n += 1) {
      if (n % (BLOCK / 32) === 0) this.#ranks[(n * 32) / BLOCK] = members.length;
      for (let bits = word(this.#words, n); bits !== 0; bits &= bits - 1) {
        members.push(n * 32 + 31 - Math.clz32(bits & -bits));
      }
    }
    this.#ranks[blocks] = members.length;
    this.#sorted = Float64Array.from(members);
  }

  has(frame: number): boolean {
    // A frame that a damaged entry names can pass the words' end, and 32 bits.
    return frame < this.#limit && (word(this.#words, frame >>> 5) & (1 << (frame & 31))) !== 0;
  }

  /** Index of the first member at or above `frame`, a multiple of 512: `at` takes it. Costs the same for any page size. */
  rank(frame: number): number {
    return this.#ranks[Math.min(frame / BLOCK, this.#ranks.length - 1)] ?? 0;
  }

  /** The member with this rank. */
  at(rank: number): number {
    return this.#sorted[rank] ?? 0;
  }
}

const word = (words: Uint32Array, index: number): number => words[index] ?? 0;
