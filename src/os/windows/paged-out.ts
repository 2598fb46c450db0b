import { frameOf, PAGE_BYTES, physical } from '../../memory/address.ts';
import { TABLE } from '../../translate/entry-rules.ts';
import { TABLE_ENTRIES } from '../../translate/levels.ts';
import type { NotInMemory } from '../not-in-memory.ts';
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
/** Tables read for counting: 2 GiB of them would map 1 TiB. */
const MOST_TABLES = 2 ** 19;

interface Counts {
  compressedPages: number;
  pagedOutPages: number;
}

/**
 * Counts the pages of each process that are compressed, or in a paging file, from its page tables: they could not be
 * searched. What holds the pages, entry by entry, is where decompression would begin.
 *
 * @param build - null: not known
 */
export function pagesNotInMemory(
  kernel: WindowsKernel,
  known: readonly WindowsProcess[],
  build: number | null,
): readonly NotInMemory[] {
  const { memory, space } = kernel;
  const { levels } = space.mode;
  const hasStore = known.some(({ process }) => process.name === STORE_PROCESS);
  const isNew = kernel.invalidMaskHigh !== 0 || (build ?? SURELY_SERVICED) >= SURELY_SERVICED;
  const shift = isNew ? NUMBER_SHIFT.since2018 : NUMBER_SHIFT.before2018;
  const buffers = levels.map(() => new Uint32Array(PAGE_BYTES / 4));
  const seen = new Set<number>();

  const visit = (frame: number, depth: number, counts: Counts): void => {
    const level = levels[depth];
    const words = buffers[depth];
    if (level === undefined || words === undefined || seen.size >= MOST_TABLES) return;
    const key = frame * 8 + depth;
    if (seen.has(key)) return;
    seen.add(key);
    const bytes = new Uint8Array(words.buffer);
    if (memory.read(physical(frame * PAGE_BYTES), bytes) < PAGE_BYTES) return;
    const isLast = depth === levels.length - 1;
    const end = depth === 0 ? TABLE_ENTRIES / 2 : TABLE_ENTRIES;
    for (let index = 0; index < end; index += 1) {
      const low = words[index * 2] ?? 0;
      const high = words[index * 2 + 1] ?? 0;
      if ((low | high) === 0) continue;
      if (isLast) count(low, high, counts);
      else if (space.rules.kind(low, high, level) === TABLE) {
        visit(space.rules.frame(low, high, level), depth + 1, counts);
      }
    }
  };
  const count = (low: number, high: number, counts: Counts): void => {
    if ((low & NOT_SOFTWARE) !== 0) return;
    const offset = ((low & SWIZZLE) === 0 ? high & ~kernel.invalidMaskHigh : high) >>> 0;
    if (offset === 0 || offset === NO_OFFSET) return;
    if (hasStore && ((low >>> shift) & 15) === COMPRESSED_STORE) counts.compressedPages += 1;
    else counts.pagedOutPages += 1;
  };

  return known
    .map(({ process, space: own }): NotInMemory => {
      const counts = { compressedPages: 0, pagedOutPages: 0 };
      if (own !== null) visit(frameOf(own.root), 0, counts);
      return { process, ...counts };
    })
    .filter(({ compressedPages, pagedOutPages }) => compressedPages + pagedOutPages > 0);
}
