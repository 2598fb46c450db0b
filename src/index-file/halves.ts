import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { type Edge, LARGER_HALF, NO_HALF } from '../scan/edge-index.ts';
import type { Asker } from './asker.ts';
import type { EdgeJudge } from './edge-judge.ts';
import {
  BUCKETS,
  DIRECTORY_BYTES,
  type EdgeSection,
  ENTRY_WORDS,
  nearestOf,
} from './edge-section.ts';
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
 * Pages whose edge can be half a literal, by what the index keeps of the edges.
 *
 * @throws IndexFault where the index is damaged
 */
export function halvesOf(
  index: IndexFile,
  plan: PagePlan,
  memory: PhysicalMemory,
  judges: { readonly head: EdgeJudge; readonly tail: EdgeJudge },
  asker: Asker,
): Halves {
  const { half, larger } = asker.places;
  const sets = (['head', 'tail'] as const).map((edge) => {
    asker.bytes.fill(0, half, half + asker.setBytes);
    for (const section of index.edges) {
      if (section.edge === edge) judgeSection(index, section, plan, memory, judges[edge], asker);
    }
    return asker.pagesAt(half);
  });
  const [head = new Uint32Array(), tail = new Uint32Array()] = sets;
  return { head, tail, larger: asker.pagesAt(larger) };
}

function judgeSection(
  index: IndexFile,
  section: EdgeSection,
  plan: PagePlan,
  memory: PhysicalMemory,
  judge: EdgeJudge,
  asker: Asker,
): void {
  const { half, larger, room } = asker.places;
  const ends = endsOf(index, section, asker);
  const halvesAt = room + DIRECTORY_BYTES;
  const entriesAt = halvesAt + judge.halves.length;
  asker.haveRoom(entriesAt - room);
  asker.bytes.set(judge.halves, halvesAt);
  for (const { from, to } of stretches(judge.wanted)) {
    const base = ends[from - 1] ?? 0;
    const count = (ends[to - 1] ?? 0) - base;
    if (count === 0) continue;
    // Neighbours are read in one go. Behind them: indices of those whose edges must be read.
    const openAt = entriesAt + count * ENTRY_BYTES;
    asker.haveRoom(openAt + count * 4 - room);
    const offset = section.offset + DIRECTORY_BYTES + base * ENTRY_BYTES;
    asker.read(index, offset, entriesAt, count * ENTRY_BYTES);
    const { words } = asker;
    for (let bucket = from; bucket < to; bucket += 1) {
      const first = (ends[bucket - 1] ?? 0) - base;
      const size = (ends[bucket] ?? 0) - base - first;
      if (size === 0) continue;
      const at = entriesAt + first * ENTRY_BYTES;
      asker.check(at, size * ENTRY_WORDS, words[room / 4 + BUCKETS + bucket]);
      const halves = judge.halvesWith(nearestOf(bucket), halvesAt);
      const open = asker.judge(at, size, halves, openAt);
      for (let each = 0; each < open; each += 1) {
        const number = words[at / 4 + (words[openAt / 4 + each] ?? 0) * ENTRY_WORDS] ?? 0;
        const kind = judge.half((edge) => readEdge(number, section.edge, edge, plan, memory));
        if (kind !== NO_HALF) setBit(words, half * 8 + number);
        if (kind === LARGER_HALF) setBit(words, larger * 8 + number);
      }
    }
  }
}

function readEdge(
  number: number,
  edge: Edge,
  into: Uint8Array,
  plan: PagePlan,
  memory: PhysicalMemory,
): boolean {
  const start = plan.frameOf(number) * PAGE_BYTES;
  const at = physical(edge === 'head' ? start : start + PAGE_BYTES - into.length);
  return memory.read(at, into) === into.length;
}

const ENTRY_BYTES = ENTRY_WORDS * 4;

/** Buckets [from, to) one beside the other that are wanted. */
function* stretches(wanted: Uint8Array): Generator<{ from: number; to: number }> {
  for (let from = 0; from < BUCKETS; from += 1) {
    if (wanted[from] === 0) continue;
    let to = from + 1;
    while (to < BUCKETS && wanted[to] !== 0) to += 1;
    yield { from, to };
    from = to;
  }
}

/** Where each bucket ends. Leaves the section's directory at the beginning of the room. */
function endsOf(index: IndexFile, { offset, pages, sum }: EdgeSection, asker: Asker): Uint32Array {
  const { room } = asker.places;
  asker.haveRoom(DIRECTORY_BYTES);
  asker.read(index, offset, room, DIRECTORY_BYTES);
  asker.check(room, DIRECTORY_BYTES / 4, sum);
  const ends = asker.words.slice(room / 4, room / 4 + BUCKETS);
  for (let bucket = 0, last = 0; bucket < BUCKETS; bucket += 1) {
    const end = ends[bucket] ?? 0;
    if (end < last || end > pages) throw damaged();
    last = end;
  }
  return ends;
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
