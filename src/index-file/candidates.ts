import { frame, PAGE_BYTES, physical } from '../memory/address.ts';
import type { FrameSet } from '../memory/frame-set.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { Literal } from '../scan/literal.ts';
import { LARGER_HALF, NO_HALF } from '../scan/edge-index.ts';
import type { EdgeJudge } from './edge-judge.ts';
import { GroupReader } from './group-reader.ts';
import { damaged, type IndexFile } from './index-file.ts';
import { members, setBit, sizeOf } from './page-bits.ts';
import { addPages, type LiteralSlots, slotsOf } from './literal-pairs.ts';
import type { PagePlan } from './page-plan.ts';

/** More literals cost more than reading the image. */
const MOST_LITERALS = 600;
/** Of so many pages one is a candidate: then reading only those is no gain. */
const CANDIDATE_SHARE = 1 / 4;

/** What is to be looked at instead of the whole image. */
export interface Candidates {
  /** A bit for each page, by number: a hit can begin there. */
  readonly pages: Uint32Array;
  /** The same: a hit can run on from there into the next page. */
  readonly crossing: Uint32Array;
}

/**
 * Pages in which a literal can stand, and (into `frames`) all frames with half a literal at an edge.
 *
 * @returns null where the index is of no use for these literals
 * @throws IndexFault where the index is damaged
 */
export function candidatesOf(
  index: IndexFile,
  plan: PagePlan,
  memory: PhysicalMemory,
  literals: readonly Literal[],
  edges: { readonly tail: EdgeJudge; readonly head: EdgeJudge },
  frames: Readonly<Record<(typeof SETS)[number], FrameSet>>,
): Candidates | null {
  if (literals.length > MOST_LITERALS) return null;
  const slots: LiteralSlots[] = [];
  const known: (readonly number[])[] = [];
  for (const literal of literals) {
    const fixed = index.contents.fixed[literalName(literal)];
    const one = slotsOf(literal);
    if (fixed) known.push(fixed);
    else if (one === null) return null;
    else slots.push(one);
  }

  const words = Math.ceil(plan.count / 32);
  const pages = new Uint32Array(words);
  const signed = new Uint32Array(words);
  const halves = {
    tail: new Uint32Array(words),
    head: new Uint32Array(words),
    larger: new Uint32Array(words),
  };
  for (const number of known.flat()) {
    if (number >= plan.count) throw damaged();
    setBit(pages, number);
  }
  let asked = 0;
  const readEdge = {
    head: (into: Uint8Array): void => void memory.read(physical(startOf(asked)), into),
    tail: (into: Uint8Array): void =>
      void memory.read(physical(startOf(asked) + PAGE_BYTES - into.length), into),
  };
  const startOf = (number: number): number => plan.held(number).frame * PAGE_BYTES;
  const sifted: number[] = [];
  for (const one of index.groups) {
    const group = new GroupReader(index, one);
    const { numbers } = group;
    const found = new Uint32Array(group.rowWords);
    const scratch = new Uint32Array(group.rowWords);
    for (const each of slots) addPages(group, each[one.kind] ?? [], found, scratch);
    for (const page of members(found)) {
      // Beyond the last page a row has bits that nobody set or unset.
      if (page < numbers.length) setBit(pages, numbers[page] ?? 0);
    }
    for (const edge of EDGES) {
      sifted.length = 0;
      edges[edge].sift(group.edges[edge], sifted);
      for (const page of sifted) {
        asked = numbers[page] ?? 0;
        const half = edges[edge].half(group.edges[edge], page, readEdge[edge]);
        if (half !== NO_HALF) setBit(halves[edge], asked);
        if (half === LARGER_HALF) setBit(halves.larger, asked);
      }
    }
    setBits(signed, numbers, plan.count);
  }

  const crossing = new Uint32Array(words);
  const odd = new Uint32Array(words);
  for (const [first, last] of index.contents.odd) {
    for (let number = first; number <= Math.min(last, plan.count - 1); number += 1) {
      setBit(odd, number);
      setBit(signed, number);
    }
  }
  addZeroPages(signed, plan.count, edges, halves);
  for (let word = 0; word < words; word += 1) {
    const next = (set: Uint32Array): number =>
      ((set[word] ?? 0) >>> 1) | ((set[word + 1] ?? 0) << 31);
    const isOdd = odd[word] ?? 0;
    // A page that is not there whole is looked at, and so is the one before it: its edge is known to nobody.
    const isLarger = (halves.larger[word] ?? 0) | next(halves.larger);
    const cut = ((halves.tail[word] ?? 0) & next(halves.head) & isLarger) | isOdd | next(odd);
    crossing[word] = cut;
    pages[word] = (pages[word] ?? 0) | cut;
  }
  for (const set of SETS) addFrames(halves[set], plan, frames[set]);
  if (sizeOf(pages) > Math.max(64, plan.count * CANDIDATE_SHARE)) return null;
  return { pages, crossing };
}

/** Pages in which a literal can stand, by signatures alone; null where they cannot tell. */
export function pagesWith(index: IndexFile, plan: PagePlan, literal: Literal): Uint32Array | null {
  const slots = slotsOf(literal);
  if (slots === null) return null;
  const pages = new Uint32Array(Math.ceil(plan.count / 32));
  for (const one of index.groups) {
    const group = new GroupReader(index, one);
    const found = new Uint32Array(group.rowWords);
    addPages(group, slots[one.kind] ?? [], found, new Uint32Array(group.rowWords));
    for (const page of members(found)) {
      if (page < group.numbers.length) setBit(pages, group.numbers[page] ?? 0);
    }
  }
  return pages;
}

/** A literal as the index names it. */
export const literalName = ({ bytes, ignoresCase }: Literal): string =>
  `${ignoresCase ? 'i' : 'x'}${Buffer.from(bytes).toString('hex')}`;

const EDGES = ['tail', 'head'] as const;
const SETS = [...EDGES, 'larger'] as const;

/** @throws IndexFault where a number is none of the image's */
function setBits(set: Uint32Array, numbers: Uint32Array, count: number): void {
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index] ?? 0;
    if (number >= count) throw damaged();
    set[number >>> 5] = (set[number >>> 5] ?? 0) | (1 << (number & 31));
  }
}

/** Pages without signature are zero: one answer for all of them. */
function addZeroPages(
  signed: Uint32Array,
  count: number,
  edges: Parameters<typeof candidatesOf>[4],
  halves: Readonly<Record<(typeof SETS)[number], Uint32Array>>,
): void {
  const zeros = new Uint8Array(PAGE_BYTES);
  for (const edge of EDGES) {
    const half = edges[edge].halfOf(zeros);
    if (half === NO_HALF) continue;
    for (const set of half === LARGER_HALF ? [halves[edge], halves.larger] : [halves[edge]]) {
      for (let word = 0; word < set.length; word += 1) {
        const within = word === set.length - 1 && count % 32 !== 0 ? 2 ** (count % 32) - 1 : -1;
        set[word] = (set[word] ?? 0) | (~(signed[word] ?? 0) & within);
      }
    }
  }
}

function addFrames(set: Uint32Array, plan: PagePlan, frames: FrameSet): void {
  for (const number of members(set)) frames.add(frame(plan.held(number).frame));
}
