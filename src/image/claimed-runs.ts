import { hex, physical } from '../memory/address.ts';
import { PHYSICAL_LIMIT } from './image-format.ts';
import type { StoredRun } from './stored-memory.ts';

/** What an image's own headers say of one run, before any check. */
export interface Claim {
  readonly start: number;
  /** Bytes. */
  readonly length: number;
  readonly fileOffset: number;
}

/**
 * Turns what the headers claim into runs as `PhysicalMemory` promises them, and says what had to be dropped.
 *
 * Where two claims hold the same address, the one that starts lower keeps it; of two that start together, the one that
 * the file names first. (A Linux vmcore claims the kernel's text twice, with the same bytes.)
 *
 * @param storedBytes bytes that are really there; what lies behind is cut off
 */
export function claimedRuns(
  claims: readonly Claim[],
  storedBytes: number,
): { runs: StoredRun[]; warnings: string[] } {
  const isInside = (claim: Claim): boolean => claim.start + claim.length <= PHYSICAL_LIMIT;
  const inside = claims.filter((claim) => claim.length > 0 && isInside(claim));
  const outside = claims.filter((claim) => !isInside(claim));
  let missing = 0;
  let overlapping = 0;
  let end = 0;

  const runs: StoredRun[] = [];
  for (const claim of inside.toSorted((a, b) => a.start - b.start)) {
    const held = Math.max(0, Math.min(claim.length, storedBytes - claim.fileOffset));
    missing += claim.length - held;
    const skip = Math.min(held, Math.max(0, end - claim.start));
    overlapping += skip;
    if (held > skip) append(runs, claim, skip, held - skip);
    end = Math.max(end, claim.start + held);
  }

  const warnings: string[] = [];
  if (outside.length > 0) {
    warnings.push(
      `${outside.length} of ${claims.length} ranges lie beyond the 52 bits of a physical address and were left out; the first claims ${hex(outside[0]?.start ?? 0)}`,
    );
  }
  if (missing > 0) {
    warnings.push(
      `The image is truncated: ${missing} bytes that its headers promise are not in the file; what they held is unknown`,
    );
  }
  if (overlapping > 0) {
    warnings.push(
      `Ranges of the image overlap in ${overlapping} bytes; there the range that starts lower was used`,
    );
  }
  return { runs, warnings };
}

/** Adds a run, or lengthens the last one where both address and file offset run on. */
function append(runs: StoredRun[], claim: Claim, skip: number, length: number): void {
  const start = claim.start + skip;
  const fileOffset = claim.fileOffset + skip;
  const last = runs.at(-1);
  if (
    last !== undefined &&
    last.start + last.length === start &&
    last.fileOffset + last.length === fileOffset
  ) {
    runs[runs.length - 1] = { ...last, length: last.length + length };
  } else {
    runs.push({ start: physical(start), length, fileOffset });
  }
}
