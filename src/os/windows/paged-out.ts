import { frameOf, PAGE_BYTES, physical } from '../../memory/address.ts';
import { TABLE } from '../../translate/entry-rules.ts';
import { TABLE_ENTRIES } from '../../translate/levels.ts';
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
const MOST_NAMED = 5;

/** Pages of one process that are not in RAM as they are. */
interface PagedOut {
  readonly process: WindowsProcess;
  compressed: number;
  inFile: number;
}

/**
 * Says how many pages of processes are compressed, or in a paging file: they could not be searched. Counted from the
 * page tables. What holds the pages, entry by entry, is where decompression would begin.
 */
export function warnOfPagedOut(
  kernel: WindowsKernel,
  known: readonly WindowsProcess[],
  build: number | null,
): void {
  const hasStore = known.some(({ process }) => process.name === STORE_PROCESS);
  const counts = countPagedOut(kernel, known, { build, hasStore });
  const compressed = counts.reduce((sum, one) => sum + one.compressed, 0);
  const inFile = counts.reduce((sum, one) => sum + one.inFile, 0);
  if (compressed > 0 && hasStore) {
    kernel.warn(
      `${sizeOf(compressed)} of ${owners(counts, 'compressed')} are compressed in memory and were not searched`,
    );
  }
  if (inFile > 0) {
    kernel.warn(
      `${sizeOf(inFile)} of ${owners(counts, 'inFile')} are in a paging file, which is not part of the image`,
    );
  }
}

function countPagedOut(
  kernel: WindowsKernel,
  known: readonly WindowsProcess[],
  { build, hasStore }: { readonly build: number | null; readonly hasStore: boolean },
): readonly PagedOut[] {
  const { memory, space } = kernel;
  const { levels } = space.mode;
  const isNew = kernel.invalidMaskHigh !== 0 || (build ?? SURELY_SERVICED) >= SURELY_SERVICED;
  const shift = isNew ? NUMBER_SHIFT.since2018 : NUMBER_SHIFT.before2018;
  const buffers = levels.map(() => new Uint32Array(PAGE_BYTES / 4));
  const seen = new Set<number>();

  const visit = (frame: number, depth: number, counts: PagedOut): void => {
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
  const count = (low: number, high: number, counts: PagedOut): void => {
    if ((low & NOT_SOFTWARE) !== 0) return;
    const offset = ((low & SWIZZLE) === 0 ? high & ~kernel.invalidMaskHigh : high) >>> 0;
    if (offset === 0 || offset === NO_OFFSET) return;
    if (hasStore && ((low >>> shift) & 15) === COMPRESSED_STORE) counts.compressed += 1;
    else counts.inFile += 1;
  };

  return known
    .map((process): PagedOut => {
      const counts = { process, compressed: 0, inFile: 0 };
      if (process.space !== null) visit(frameOf(process.space.root), 0, counts);
      return counts;
    })
    .filter(({ compressed, inFile }) => compressed + inFile > 0);
}

const sizeOf = (pages: number): string =>
  pages === 1
    ? '1 page (4 KiB)'
    : `${pages} pages (${pages < 256 ? `${pages * 4} KiB` : `${(pages / 256).toFixed(1)} MiB`})`;

/** "beacon.exe 2000, java.exe 812 and 34 more processes": those with most. */
function owners(counts: readonly PagedOut[], which: 'compressed' | 'inFile'): string {
  const having = counts
    .filter((one) => one[which] > 0)
    .toSorted((one, other) => other[which] - one[which])
    .map(({ process: { process } }) => `${process.name} ${process.pid}`);
  const named = having.slice(0, MOST_NAMED).join(', ');
  return having.length > MOST_NAMED ? `${named} and ${having.length - MOST_NAMED} more` : named;
}
