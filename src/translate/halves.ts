import type { FrameSet } from '../memory/frame-set.ts';

/** Frames at whose edges a text that runs on elsewhere may be cut in two. */
export interface Halves {
  /** Frames at whose end a text may begin, and those at whose start it may go on. */
  readonly tails: FrameSet;
  readonly heads: FrameSet;
  /** Those of both that may hold the larger half, or one as large as the other; absent: not known of any. */
  readonly larger?: FrameSet;
}

/**
 * Whether a text may run from the end of one frame into the start of another that is no neighbour. One of its halves is
 * the larger: without that, a single letter at each edge would join half the frames of a machine with each other.
 */
export const mayJoin = ({ tails, heads, larger }: Halves, first: number, second: number): boolean =>
  second !== first + 1 &&
  tails.has(first) &&
  heads.has(second) &&
  (larger === undefined || larger.has(first) || larger.has(second));
