import { mayJoin } from '../../translate/halves.ts';
import type { FrameQuestion } from '../engine.ts';

/** Of a run: its first page, its first frame, how many pages. */
const FIELDS = 3;
/** 2^36 pages are the user half of four levels; of five, 2^45. */
const MOST_PAGES = 2 ** 45;
/** 52 bits of physical address. */
const MOST_FRAMES = 2 ** 40;

/** The pages of one set of page tables: runs of pages with frames in a row, as another program found them. */
export class PageMap {
  readonly #runs: Float64Array;

  /** @param runs in threes, ascending by page and not overlapping: what is not so is left out */
  constructor(runs: Float64Array) {
    this.#runs = ordered(runs);
  }

  get pages(): number {
    let pages = 0;
    for (let at = 2; at < this.#runs.length; at += FIELDS) pages += this.#runs[at] ?? 0;
    return pages;
  }

  /** The frame of a page, or null. */
  frameOf(page: number): number | null {
    let low = 0;
    let high = this.#runs.length / FIELDS;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = this.#runs[middle * FIELDS] ?? 0;
      const count = this.#runs[middle * FIELDS + 2] ?? 0;
      if (page < first) high = middle;
      else if (page >= first + count) low = middle + 1;
      else return (this.#runs[middle * FIELDS + 1] ?? 0) + page - first;
    }
    return null;
  }

  /** Calls `onPage` for the pages of wanted frames, `onSeam` where two pages in a row have frames that are not. */
  walk(
    question: FrameQuestion,
    onPage: (page: number, frame: number) => void,
    onSeam: (page: number, first: number, second: number) => void,
  ): void {
    const { interest } = question;
    const runs = this.#runs;
    for (let at = 0; at < runs.length; at += FIELDS) {
      const page = runs[at] ?? 0;
      const frame = runs[at + 1] ?? 0;
      const count = runs[at + 2] ?? 0;
      // Frames beyond every set ask for no look: a run may claim 2^45 pages.
      const end = Math.min(frame + count, Math.max(interest.limit, frame));
      for (let one = frame; one < end; one += 1) {
        if (interest.has(one)) onPage(page + one - frame, one);
      }
      const last = frame + count - 1;
      const next = runs[at + FIELDS + 1] ?? 0;
      const isFollowed = runs[at + FIELDS] === page + count;
      if (isFollowed && mayJoin(question, last, next)) {
        onSeam(page + count - 1, last, next);
      }
    }
  }
}

function ordered(runs: Float64Array): Float64Array {
  const kept = new Float64Array(runs.length);
  let length = 0;
  let end = 0;
  for (let at = 0; at + FIELDS <= runs.length; at += FIELDS) {
    const page = runs[at] ?? -1;
    const frame = runs[at + 1] ?? -1;
    const count = runs[at + 2] ?? -1;
    const isSane =
      [page, frame, count].every((number) => Number.isInteger(number) && number >= 0) &&
      page >= end &&
      page + count <= MOST_PAGES &&
      frame + count <= MOST_FRAMES;
    if (!isSane || count === 0) continue;
    kept.set([page, frame, count], length);
    length += FIELDS;
    end = page + count;
  }
  return kept.subarray(0, length);
}
