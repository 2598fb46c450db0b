import type { AnchorList } from './anchor-list.ts';
import type { HitColumns } from './hit-list.ts';

/** What one thread has found. Plain data. */
export interface ScanPart {
  readonly hits: HitColumns;
  readonly anchors: AnchorList['addresses'];
  /** Bytes that could not be read although a run claims them. */
  readonly unreadableBytes: number;
  readonly spent: ScanTimes;
}

/** Milliseconds by what they went on, of one thread or of all together. */
export interface ScanTimes {
  /** Copying (and unpacking) the image's bytes. */
  readonly read: number;
  /** Looking for literals and anchors, and asking whether a literal is an indicator. */
  readonly match: number;
  /** Looking at pages for shapes and cut texts. */
  readonly pages: number;
}
