import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { LARGER_HALF, NO_HALF } from '../scan/edge-index.ts';
import { checksum } from './checksum.ts';
import type { EdgeJudge } from './edge-judge.ts';
import { BUCKETS, DIRECTORY_BYTES, type EdgeSection, ENTRY_WORDS } from './edge-section.ts';
import { damaged, type IndexFile } from './index-file.ts';
import { setBit } from './page-bits.ts';
import type { PagePlan } from './page-plan.ts';

/** Pages with half a literal at an edge, a bit each, by number; `larger`: with the larger half of one, at either edge. */
export interface Halves {
  readonly head: Uint32Array;
  readonly tail: Uint32Array;
  readonly larger: Uint32Array;
}

/**
 * Adds pages whose edge can be half a literal, by what the index keeps of the edges.
 *
 * @throws IndexFault where the index is damaged
 */
export function addHalves(
  index: IndexFile,
  plan: PagePlan,
  memory: PhysicalMemory,
  judge: EdgeJudge,
  halves: Halves,
): void {
  const { edge } = judge;
  let number = 0;
  const readEdge = (into: Uint8Array): void => {
    const start = plan.frameOf(number) * PAGE_BYTES;
    const at = edge === 'head' ? start : start + PAGE_BYTES - into.length;
    memory.read(physical(at), into);
  };
  for (const section of index.edges) {
    if (section.edge !== edge) continue;
    for (const { entries, first, end, nearest } of wantedBuckets(index, section, judge.wanted)) {
      for (let entry = first; entry < end; entry += 1) {
        if (!judge.isNear(nearest, (entries[entry * ENTRY_WORDS + 1] ?? 0) & 0xff)) continue;
        number = entries[entry * ENTRY_WORDS] ?? 0;
        if (number >= plan.count) throw damaged();
        const half = judge.half(entries, entry, nearest, readEdge);
        if (half !== NO_HALF) setBit(halves[edge], number);
        if (half === LARGER_HALF) setBit(halves.larger, number);
      }
    }
  }
}

/** Entries of one bucket: from `first` on, up to but without `end`. */
interface Bucket {
  readonly entries: Uint32Array;
  readonly first: number;
  readonly end: number;
  /** The byte nearest the edge, which all have. */
  readonly nearest: number;
}

/** Neighbours are read in one go. */
function* wantedBuckets(
  index: IndexFile,
  section: EdgeSection,
  wanted: Uint8Array,
): Generator<Bucket> {
  const { ends, sums } = directoryOf(index, section);
  for (let from = 0; from < BUCKETS; from += 1) {
    if (wanted[from] === 0) continue;
    let to = from + 1;
    while (to < BUCKETS && wanted[to] !== 0) to += 1;
    const base = ends[from - 1] ?? 0;
    const entries = new Uint32Array(((ends[to - 1] ?? 0) - base) * ENTRY_WORDS);
    if (entries.length > 0) {
      const offset = section.offset + DIRECTORY_BYTES + base * ENTRY_WORDS * 4;
      index.read(offset, new Uint8Array(entries.buffer));
    }
    for (let bucket = from; bucket < to; bucket += 1) {
      const first = (ends[bucket - 1] ?? 0) - base;
      const end = (ends[bucket] ?? 0) - base;
      const sum = checksum(entries, first * ENTRY_WORDS, (end - first) * ENTRY_WORDS);
      if (sum !== sums[bucket]) throw damaged();
      yield { entries, first, end, nearest: bucket >> 4 };
    }
    from = to;
  }
}

function directoryOf(
  index: IndexFile,
  { offset, pages, sum }: EdgeSection,
): { ends: Uint32Array; sums: Uint32Array } {
  const directory = new Uint32Array(DIRECTORY_BYTES / 4);
  index.read(offset, new Uint8Array(directory.buffer));
  if (checksum(directory) !== sum) throw damaged();
  const ends = directory.subarray(0, BUCKETS);
  for (let bucket = 0, last = 0; bucket < BUCKETS; bucket += 1) {
    const end = ends[bucket] ?? 0;
    if (end < last || end > pages) throw damaged();
    last = end;
  }
  return { ends, sums: directory.subarray(BUCKETS) };
}

/** Pages without signature are zero: one answer for all of them. */
export function addZeroPages(
  unsigned: () => Uint32Array,
  judges: readonly EdgeJudge[],
  halves: Halves,
): void {
  const zeros = new Uint8Array(PAGE_BYTES);
  for (const judge of judges) {
    const half = judge.halfOf(zeros);
    if (half === NO_HALF) continue;
    const zeroPages = unsigned();
    for (const set of half === LARGER_HALF
      ? [halves[judge.edge], halves.larger]
      : [halves[judge.edge]]) {
      for (let word = 0; word < set.length; word += 1) {
        set[word] = (set[word] ?? 0) | (zeroPages[word] ?? 0);
      }
    }
  }
}
