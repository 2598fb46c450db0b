import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { MemoryRun } from '../memory/physical-memory.ts';

/** One count of the frames before it per 16 words (512 frames). */
const WORDS_PER_RANK = 16;

/** Runs are objects; a dump without user pages can be in millions of pieces. A million take 80 MB. */
const MAX_RUNS = 2 ** 20;

/** Which frames a file holds, as it stores that: bit n of the bytes is frame n. Its pages stand in the order of the bits. */
export class FrameBitmap {
  readonly #words: Uint32Array;
  readonly #ranks: Uint32Array;
  /** Frames in the file. */
  readonly count: number;

  constructor(bytes: Uint8Array) {
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    padded.set(bytes);
    // Bytes become words by hand where they must (the machine is little-endian everywhere Node runs x86 or ARM).
    this.#words = new Uint32Array(padded.buffer);
    this.#ranks = new Uint32Array(Math.ceil(this.#words.length / WORDS_PER_RANK));
    let count = 0;
    for (let index = 0; index < this.#words.length; index += 1) {
      if (index % WORDS_PER_RANK === 0) this.#ranks[index / WORDS_PER_RANK] = count;
      count += bitCount(this.#words[index] ?? 0);
    }
    this.count = count;
  }

  has(frame: number): boolean {
    return (((this.#words[Math.floor(frame / 32)] ?? 0) >>> (frame % 32)) & 1) === 1;
  }

  /** How many frames below this one the file holds: the place of its page among the pages. */
  rank(frame: number): number {
    const word = Math.floor(frame / 32);
    const group = Math.floor(word / WORDS_PER_RANK);
    let rank = this.#ranks[group] ?? 0;
    for (let index = group * WORDS_PER_RANK; index < word; index += 1) {
      rank += bitCount(this.#words[index] ?? 0);
    }
    return rank + bitCount((this.#words[word] ?? 0) & ((1 << (frame % 32)) - 1));
  }

  /**
   * The frames as runs of memory.
   *
   * @returns `bridged`: gaps of up to so many frames were counted as held, to keep the number of runs bounded; normally 0
   */
  runs(maxRuns: number = MAX_RUNS): { runs: MemoryRun[]; bridged: number } {
    for (let bridged = 0; ; bridged = bridged * 2 + 1) {
      const runs = this.#runs(bridged, maxRuns);
      if (runs !== null) return { runs, bridged };
    }
  }

  #runs(bridged: number, maxRuns: number): MemoryRun[] | null {
    const runs: MemoryRun[] = [];
    let start = -1;
    let end = -1;
    const close = (): void => {
      const length = (end - start) * PAGE_BYTES;
      if (start >= 0) runs.push({ start: physical(start * PAGE_BYTES), length, fileOffset: null });
    };
    const add = (frame: number, frames: number): void => {
      if (start < 0 || frame > end + bridged) {
        close();
        start = frame;
      }
      end = frame + frames;
    };

    for (let index = 0; index < this.#words.length; index += 1) {
      const word = this.#words[index] ?? 0;
      if (word === 0xffff_ffff) add(index * 32, 32);
      else if (word !== 0) {
        for (let bits = word; bits !== 0; bits &= bits - 1) {
          add(index * 32 + 31 - Math.clz32(bits & -bits), 1);
        }
      }
      if (runs.length > maxRuns) return null;
    }
    close();
    return runs.length > maxRuns ? null : runs;
  }
}

/** Bits set in 32 (Hacker's Delight, 5-1). */
function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
