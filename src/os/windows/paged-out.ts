import { COMPRESSED, NOWHERE, PAGED_OUT, type AbsenceRule } from '../../translate/absent-pages.ts';
import type { WindowsKernel } from './kernel.ts';
import type { WindowsProcess } from './process-reader.ts';

/** MMPTE_SOFTWARE: neither valid, nor prototype (bit 10), nor transition (bit 11); offset in the file in bits 32–63. */
const NOT_SOFTWARE = 1 | (1 << 10) | (1 << 11);
const SWIZZLE = 1 << 4;
/** Offset that stands for "as the area says". */
const NO_OFFSET = 0xffff_ffff;
/** Number of the paging file: bits 12–15, before the servicing of August 2018 bits 1–4. */
const NUMBER_SHIFT = { before2018: 1, since2018: 12 } as const;
/** From this build on every kernel has the newer layout. */
const SURELY_SERVICED = 17_763;
/** Paging file that is no file: pages compressed in the memory of the process MemCompression (since Windows 10). */
const COMPRESSED_STORE = 2;
const STORE_PROCESS = 'MemCompression';

/**
 * Tells pages that are compressed, and those in a paging file, by their entries: they could not be searched. What holds
 * the pages, entry by entry, is where decompression would begin.
 *
 * @param build - null: not known
 */
export function absenceRule(
  { invalidMaskHigh }: WindowsKernel,
  known: readonly WindowsProcess[],
  build: number | null,
): AbsenceRule {
  const hasStore = known.some(({ process }) => process.name === STORE_PROCESS);
  const isNew = invalidMaskHigh !== 0 || (build ?? SURELY_SERVICED) >= SURELY_SERVICED;
  const shift = isNew ? NUMBER_SHIFT.since2018 : NUMBER_SHIFT.before2018;
  return (low, high) => {
    if ((low & NOT_SOFTWARE) !== 0) return NOWHERE;
    const offset = ((low & SWIZZLE) === 0 ? high & ~invalidMaskHigh : high) >>> 0;
    if (offset === 0 || offset === NO_OFFSET) return NOWHERE;
    return hasStore && ((low >>> shift) & 15) === COMPRESSED_STORE ? COMPRESSED : PAGED_OUT;
  };
}
