import { frameOf, PAGE_BYTES, physical, type PhysicalAddress } from '../../memory/address.ts';
import { TABLE_ENTRIES, type PagingMode } from '../../translate/levels.ts';
import type { PageCache } from '../../translate/page-cache.ts';

/** Bit 45, as nearly all machines with an affected processor have it. */
export const DEFAULT_INVALID_MASK = 1 << 13;

const VALID = 1;
const LARGE = 1 << 7;
const SWIZZLE = 1 << 4;
const PROTOTYPE = 1 << 10;
const TRANSITION = 1 << 11;
const STATE_BITS = VALID | SWIZZLE | PROTOTYPE | TRANSITION;
/** Fewer entries than this must all agree. */
const FEWEST_SAMPLES = 8;
const ENOUGH_SAMPLES = 2048;
/** Tables that are read for it, a few of each process: what one process does tells less than what many do. */
const MOST_TABLES = 16;
const MOST_ROOTS = 24;
/** Of the samples: a few are leftovers of something else. */
const NEARLY_ALL = 0.9;

/**
 * Derives from page-table entries in transition which address bits this machine sets in entries that are not valid
 * (MiState.InvalidPteMask; the L1TF fix of 2018): those that nearly all have although no RAM is there. Servicing
 * decides about it, not the version. Bits 32–51 as the low bits of a number; 0 where the machine does nothing of it.
 */
export function invalidMaskOf(
  memory: PageCache,
  mode: PagingMode,
  roots: readonly PhysicalAddress[],
): number {
  const last = memory.runs.at(-1);
  const topHigh = Math.floor((last === undefined ? 0 : last.start + last.length - 1) / 2 ** 32);
  const counts = Array.from({ length: 20 }, () => 0);
  let samples = 0;
  let tables = 0;
  const words = mode.levels.map(() => new Uint32Array(PAGE_BYTES / 4));
  const bytesOf = words.map(({ buffer }) => new Uint8Array(buffer));

  const visit = (frame: number, depth: number): void => {
    const level = mode.levels[depth];
    if (level === undefined || tables >= MOST_TABLES || samples >= ENOUGH_SAMPLES) return;
    tables += 1;
    const table = words[depth];
    const bytes = bytesOf[depth];
    if (table === undefined || bytes === undefined) return;
    if (memory.read(physical(frame * PAGE_BYTES), bytes) < PAGE_BYTES) return;
    // The kernel's half is mostly resident: the processes' pages are those that are trimmed.
    const end = depth === 0 ? TABLE_ENTRIES / 2 : TABLE_ENTRIES;
    if (level.pageBytes === PAGE_BYTES) eachTransition(table, sample);
    else {
      for (let index = 0; index < end; index += 1) {
        const low = table[2 * index] ?? 0;
        // What is below would not be looked at any more.
        if (tables >= MOST_TABLES || samples >= ENOUGH_SAMPLES) return;
        if ((low & (VALID | LARGE)) !== VALID) continue;
        const high = table[2 * index + 1] ?? 0;
        visit((high & 0xfffff) * 2 ** 20 + (low >>> 12), depth + 1);
      }
    }
  };
  const sample = (high: number): void => {
    if (high >>> 20 !== 0) return;
    samples += 1;
    for (let bits = high; bits !== 0; bits &= bits - 1) {
      const bit = 31 - Math.clz32(bits & -bits);
      counts[bit] = (counts[bit] ?? 0) + 1;
    }
  };
  for (const root of [...new Set(roots)].slice(0, MOST_ROOTS)) {
    tables = 0;
    visit(frameOf(root), 0);
  }

  const isBeyondMemory = (bit: number): boolean => 2 ** bit > topHigh;
  let mask = 0;
  for (const [bit, count] of counts.entries()) {
    const isOften = samples < FEWEST_SAMPLES ? count === samples : count >= samples * NEARLY_ALL;
    if (samples > 0 && isOften && isBeyondMemory(bit)) mask |= 1 << bit;
  }
  // Where so few have no such bit, that proves nothing; the usual one does no harm where no RAM is that high.
  return mask === 0 && samples < FEWEST_SAMPLES && isBeyondMemory(13) ? DEFAULT_INVALID_MASK : mask;
}

/** The high halves of a last table's entries in transition. A loop of its own, for it sees nearly all entries. */
function eachTransition(table: Uint32Array, sample: (high: number) => void): void {
  for (let low = 0; low < table.length; low += 2) {
    if (((table[low] ?? 0) & STATE_BITS) === TRANSITION) sample(table[low + 1] ?? 0);
  }
}
