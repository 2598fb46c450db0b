import type { PhysicalAddress } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import type { MemoryRun, PhysicalMemory } from '../memory/physical-memory.ts';

/** A run whose bytes lie one after another in something that can be read. */
export interface StoredRun extends MemoryRun {
  readonly fileOffset: number;
}

/** Memory whose runs stand in a file as they are. */
export const storedMemory = (runs: readonly StoredRun[], source: ByteSource): PhysicalMemory => ({
  runs,
  read: (at, into) => readRuns(runs, at, into, (offset, part) => source.read(offset, part)),
  isHole(at, length) {
    const run = runs[runIndex(runs, at)];
    const skip = at - (run?.start ?? 0);
    if (run === undefined || skip + length > run.length) return false;
    return source.isHole?.(run.fileOffset + skip, length) ?? false;
  },
});

/**
 * Reads on through runs that touch each other and stops at the first hole or short read.
 *
 * @param runs ascending, not overlapping
 * @param readStored like `ByteSource.read`, at the run's `fileOffset` and on
 */
export function readRuns(
  runs: readonly StoredRun[],
  at: PhysicalAddress,
  into: Uint8Array,
  readStored: (offset: number, into: Uint8Array) => number,
): number {
  let filled = 0;
  for (let index = runIndex(runs, at); filled < into.length; index += 1) {
    const run = runs[index];
    const skip = run === undefined ? -1 : at + filled - run.start;
    if (run === undefined || skip < 0 || skip >= run.length) break;

    const count = Math.min(into.length - filled, run.length - skip);
    // `subarray` only where it is needed: most reads lie in one run.
    const part = count === into.length ? into : into.subarray(filled, filled + count);
    const read = readStored(run.fileOffset + skip, part);
    filled += read;
    if (read < count) break;
  }
  return filled;
}

/** Where the byte at a physical address lies in the file; null where it holds it compressed or not at all. */
export function fileOffsetOf(runs: readonly MemoryRun[], address: PhysicalAddress): number | null {
  const run = runs[runIndex(runs, address)];
  if (run === undefined || run.fileOffset === null) return null;
  const skip = address - run.start;
  return skip >= 0 && skip < run.length ? run.fileOffset + skip : null;
}

/** Index of the last run that starts at or below the address; -1 where there is none. */
function runIndex(runs: readonly MemoryRun[], at: PhysicalAddress): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const run = runs[middle];
    if (run !== undefined && run.start <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
