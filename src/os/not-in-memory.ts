import type { Process } from './process.ts';

/** Pages that a process has, but not in RAM as they are: a scan cannot see what they hold. */
export interface NotInMemory {
  readonly process: Process;
  /** Compressed in RAM (Windows 10 and later). */
  readonly compressedPages: number;
  /** In a paging file, which is no part of the image. */
  readonly pagedOutPages: number;
}
