import { PAGE_BYTES } from '../memory/address.ts';
import type { FrameSet } from '../memory/frame-set.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { bestMatcher } from '../scan/best-matcher.ts';
import type { Literal } from '../scan/literal.ts';
import { indexLiterals } from '../scan/literal-index.ts';
import type { Matcher } from '../scan/matcher.ts';
import type { ScanInput, ScanOptions } from '../scan/scan.ts';
import { soughtBy } from '../scan/scan-task.ts';
import type { Search } from '../scan/search.ts';
import { Asker } from './asker.ts';
import { confirmed } from './confirm.ts';
import { confirmListed } from './confirm-listed.ts';
import { EdgeJudge } from './edge-judge.ts';
import { GroupReader } from './group-reader.ts';
import { addZeroPages, halvesOf } from './halves.ts';
import { damaged, type IndexFile } from './index-file.ts';
import { members, setBit } from './page-bits.ts';
import { findPages, type LiteralSlots, slotsOf } from './literal-pairs.ts';
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
 * Pages in which a literal stands, and (into `frames`) all frames with half a literal at an edge.
 *
 * @returns null where the index is of no use for these literals
 * @throws IndexFault where the index is damaged
 */
export async function candidatesOf(
  index: IndexFile,
  plan: PagePlan,
  input: ScanInput,
  search: Search,
  frames: Readonly<Record<(typeof SETS)[number], FrameSet>>,
  options: ScanOptions,
): Promise<Candidates | null> {
  const asker = new Asker(plan.count);
  const isTooMany = (pages: Uint32Array): boolean =>
    asker.sizeOf(pages) > Math.max(64, plan.count * CANDIDATE_SHARE);
  const possible = pagesWithAny(index, plan, search.literals, asker);
  if (possible === null || isTooMany(possible)) return null;

  // While other threads look at these, this one asks for the edges.
  const confirmation = confirmListed(possible, plan, input, search, options);
  try {
    const crossing = crossingPages(index, plan, input.memory, search, frames, asker);
    if (isTooMany(asker.joined(possible, crossing))) return null;
    const sure = confirmation
      ? await confirmation.pages()
      : confirmed(possible, plan, input.memory, matcherOf(search));
    return { pages: asker.joined(sure, crossing), crossing };
  } finally {
    await confirmation?.stop();
  }
}

/** Pages in which one of the literals can stand; null where there is no telling. */
function pagesWithAny(
  index: IndexFile,
  plan: PagePlan,
  literals: readonly Literal[],
  asker: Asker,
): Uint32Array | null {
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

  for (const one of index.groups) {
    const literalsSlots = slots.map((each) => each[one.kind] ?? []);
    addFound(new GroupReader(index, one, asker), literalsSlots, asker);
  }
  const pages = asker.pagesAt(asker.places.half);
  for (const number of known.flat()) {
    if (number >= plan.count) throw damaged();
    setBit(pages, number);
  }
  return pages;
}

/** Pages whose end can be one half of a literal, and the next one's beginning the other; all with half of one into `frames`. */
function crossingPages(
  index: IndexFile,
  plan: PagePlan,
  memory: PhysicalMemory,
  { literals, edges }: Search,
  frames: Readonly<Record<(typeof SETS)[number], FrameSet>>,
  asker: Asker,
): Uint32Array {
  const judges = {
    tail: new EdgeJudge(edges.tail, literals),
    head: new EdgeJudge(edges.head, literals),
  };
  const halves = halvesOf(index, plan, memory, judges, asker);
  const odd = oddPages(index, plan);
  addZeroPages(() => zeroPages(index, plan, odd, asker), Object.values(judges), halves);
  const crossing = asker.crossing(halves.tail, halves.head, halves.larger);
  // A page that is not there whole is looked at, and so is the one before it: its edge is known to nobody.
  for (const number of members(odd)) {
    setBit(crossing, number);
    if (number > 0) setBit(crossing, number - 1);
  }
  for (const set of SETS) plan.addFrames(halves[set], frames[set]);
  return crossing;
}

const matcherOf = ({ index, blockBytes, ...search }: Search): Matcher =>
  bestMatcher(index ?? indexLiterals(soughtBy(search), 0), blockBytes + PAGE_BYTES);

/** Pages in which a literal can stand, by signatures alone; null where they cannot tell. */
export function pagesWith(index: IndexFile, plan: PagePlan, literal: Literal): Uint32Array | null {
  const slots = slotsOf(literal);
  if (slots === null) return null;
  const asker = new Asker(plan.count);
  for (const one of index.groups) {
    addFound(new GroupReader(index, one, asker), [slots[one.kind] ?? []], asker);
  }
  return asker.pagesAt(asker.places.half);
}

/**
 * Adds to the asker's set `half` the pages of a group in which one of several literals can stand.
 *
 * @throws IndexFault where a number is none of the image's
 */
function addFound(group: GroupReader, slots: LiteralSlots, asker: Asker): void {
  findPages(group, slots, asker);
  if (asker.countFound(group.rowBytes) > 0) asker.gather(group.numbers());
}

/** A literal as the index names it. */
export const literalName = ({ bytes, ignoresCase }: Literal): string =>
  `${ignoresCase ? 'i' : 'x'}${Buffer.from(bytes).toString('hex')}`;

const SETS = ['tail', 'head', 'larger'] as const;

/** Pages that the image does not hold whole. */
function oddPages({ contents }: IndexFile, plan: PagePlan): Uint32Array {
  const odd = new Uint32Array(Math.ceil(plan.count / 32));
  for (const [first, last] of contents.odd) {
    for (let number = first; number <= Math.min(last, plan.count - 1); number += 1) {
      setBit(odd, number);
    }
  }
  return odd;
}

/** Pages without signature. @throws IndexFault where a number is none of the image's */
function zeroPages(index: IndexFile, plan: PagePlan, odd: Uint32Array, asker: Asker): Uint32Array {
  const signed = odd.slice();
  for (const one of index.groups) {
    for (const number of new GroupReader(index, one, asker).numbers()) {
      if (number >= plan.count) throw damaged();
      setBit(signed, number);
    }
  }
  const zero = signed.map((word) => ~word);
  const rest = plan.count % 32;
  if (rest !== 0) zero[zero.length - 1] = (zero.at(-1) ?? 0) & (2 ** rest - 1);
  return zero;
}
