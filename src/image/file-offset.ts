import type { PhysicalAddress } from '../memory/address.ts';
import type { MemoryRun } from '../memory/physical-memory.ts';

/** Where the byte at an address lies in the image file; null in a hole, and where the file holds it compressed. */
export function fileOffsetOf(runs: readonly MemoryRun[], address: PhysicalAddress): number | null {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const run = runs[middle];
    if (!run) return null;
    if (address < run.start) high = middle;
    else if (address >= run.start + run.length) low = middle + 1;
    else return run.fileOffset === null ? null : run.fileOffset + (address - run.start);
  }
  return null;
}
