import { frame as frameNumber, PAGE_BYTES } from '../memory/address.ts';
import type { FrameSet } from '../memory/frame-set.ts';
import type { MemoryRun } from '../memory/physical-memory.ts';
import { hasBit } from './page-bits.ts';

/** The frames of an image, numbered through over its holes: what is stored of a page is stored by its number. */
export class PagePlan {
  /** Frames, wholly held or not. */
  readonly count: number;
  readonly #stretches: readonly Stretch[];

  constructor(runs: readonly MemoryRun[]) {
    let count = 0;
    const stretches: Stretch[] = [];
    for (const { start, length } of runs) {
      if (length <= 0) continue;
      const end = start + length;
      const last = stretches.at(-1);
      if (last && last.end === start) {
        last.end = end;
        count = last.number + Math.ceil(end / PAGE_BYTES) - last.frame;
      } else {
        const first = Math.floor(start / PAGE_BYTES);
        stretches.push({ start, end, frame: first, number: count });
        count += Math.ceil(end / PAGE_BYTES) - first;
      }
    }
    this.count = count;
    this.#stretches = stretches;
  }

  /** Number of the frame that holds the address; the address must lie in the image. */
  numberAt(address: number): number {
    const { frame, number } = this.#stretchBy(address, ({ start }) => start);
    return number + Math.floor(address / PAGE_BYTES) - frame;
  }

  /** The frame with this number (0 to `count` - 1). */
  frameOf(number: number): number {
    const stretch = this.#stretchBy(number, numberOf);
    return stretch.frame + number - stretch.number;
  }

  /** Adds the frames of a set of pages (a bit each, by number): by whole words, where frames and numbers lie alike in them. */
  addFrames(set: Uint32Array, frames: FrameSet): void {
    for (const { start, end, frame, number } of this.#stretches) {
      const after = number + Math.ceil(end / PAGE_BYTES) - Math.floor(start / PAGE_BYTES);
      const shift = frame - number;
      const addOnes = (from: number, to: number): void => {
        for (let one = from; one < to; one += 1) {
          if (hasBit(set, one)) frames.add(frameNumber(one + shift));
        }
      };
      // The first frame can be the last one of the stretch before, too.
      const from = shift % 32 === 0 ? Math.ceil((number + 1) / 32) : Infinity;
      // Frames that the set has no room for are no members, here as one by one.
      const to = Math.min(Math.floor(after / 32), Math.floor(frames.limit / 32) - shift / 32);
      if (from >= to) {
        addOnes(number, after);
        continue;
      }
      addOnes(number, from * 32);
      frames.words.set(set.subarray(from, to), from + shift / 32);
      addOnes(to * 32, after);
    }
  }

  /** What the image holds of frame `number` (0 to `count` - 1): addresses [start, end), and where its stretch ends. */
  held(number: number): Held {
    const stretch = this.#stretchBy(number, numberOf);
    const at = (stretch.frame + number - stretch.number) * PAGE_BYTES;
    return {
      frame: at / PAGE_BYTES,
      start: Math.max(stretch.start, at),
      end: Math.min(stretch.end, at + PAGE_BYTES),
      stretchEnd: stretch.end,
    };
  }

  /** The last stretch whose key is at or below the value: stretches ascend by every key. */
  #stretchBy(value: number, keyOf: (stretch: Stretch) => number): Stretch {
    let low = 0;
    let high = this.#stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const stretch = this.#stretches[middle];
      if (stretch && keyOf(stretch) <= value) low = middle;
      else high = middle - 1;
    }
    const stretch = this.#stretches[low];
    if (!stretch) throw new RangeError(`No page ${value}: there is no memory`);
    return stretch;
  }
}

const numberOf = ({ number }: Stretch): number => number;

export interface Held {
  readonly frame: number;
  readonly start: number;
  readonly end: number;
  readonly stretchEnd: number;
}

/** Addresses [start, end) without a hole; its first frame, and that frame's number. */
interface Stretch {
  readonly start: number;
  end: number;
  readonly frame: number;
  readonly number: number;
}
