import { frame, type Frame } from './address.ts';

/** A set of frames as one bit each: 32 KiB per GiB of RAM. Shareable between threads. */
export class FrameSet {
  /** Frames at and above it are never members. */
  readonly limit: number;
  /** Bit n of word n >> 5 is frame n. */
  readonly words: Uint32Array<SharedArrayBuffer>;

  constructor(limit: number, buffer?: SharedArrayBuffer) {
    this.limit = limit;
    this.words = new Uint32Array(buffer ?? new SharedArrayBuffer(Math.ceil(limit / 32) * 4));
  }

  /** Safe when several threads add at once. */
  add(member: Frame): void {
    if (member < this.limit) Atomics.or(this.words, member >>> 5, 1 << (member & 31));
  }

  /** Adds frame `first` + n for each bit n of `bits` that is set. Safe as `add`. */
  addBits(first: Frame, bits: Uint32Array): void {
    const shift = first & 31;
    for (let index = 0; index < bits.length; index += 1) {
      const word = bits[index] ?? 0;
      if (word === 0) continue;
      const at = first + 32 * index - shift;
      this.#addWord(at, word << shift);
      if (shift > 0) this.#addWord(at + 32, word >>> (32 - shift));
    }
  }

  /** @param at a multiple of 32 */
  #addWord(at: number, word: number): void {
    const left = this.limit - at;
    const members = left >= 32 ? word : left > 0 ? word & ((1 << left) - 1) : 0;
    if (members !== 0) Atomics.or(this.words, at / 32, members);
  }

  has(candidate: number): boolean {
    if (candidate >= this.limit || candidate < 0) return false;
    // A frame number may pass 32 bits; a member never does, for `limit` is bounded by the array.
    return ((this.words[candidate >>> 5] ?? 0) & (1 << (candidate & 31))) !== 0;
  }

  /** Members counted one by one. */
  get size(): number {
    let count = 0;
    for (let word of this.words) {
      for (; word !== 0; word &= word - 1) count += 1;
    }
    return count;
  }

  *[Symbol.iterator](): Generator<Frame> {
    for (let index = 0; index < this.words.length; index += 1) {
      for (let word = this.words[index] ?? 0; word !== 0; word &= word - 1) {
        yield frame(index * 32 + (31 - Math.clz32(word & -word)));
      }
    }
  }
}
