import { ANY_UPPER, type HalfSet, halfSetOf, MemoryModel, ZERO } from './byte-model.ts';
import { type Literal, spellings } from './literal.ts';

/** Four bytes of a literal, the first at an even place: what may stand there. */
export interface Window {
  readonly first: HalfSet;
  readonly second: HalfSet;
  /** Of these only the lower halves are looked at. */
  readonly third: HalfSet;
  readonly fourth: HalfSet;
}

/**
 * The coarse first look where few literals are sought: four bytes at every even place, 64 bytes at a time by vector
 * instructions. Windows are dealt out to buckets, one bit each, eight to a set of tables; a place is looked at where one
 * bucket has both halves of the first two bytes and the lower halves of the others, which tell letters and digits apart. (Tables of half bytes and buckets are those of
 * Teddy, the literal matcher for few patterns in Wang et al., "Hyperscan", NSDI 2019.) It lets too much through, never
 * too little.
 */
export interface WindowFilter {
  /** Sets of six tables of 16 bytes: by a half of a byte, the buckets that have it; in the order of `HALVES`. */
  readonly tables: Uint8Array;
  /** 0 to 1: the share of even places in used memory that it lets through, by guess. */
  readonly share: number;
  /** Of a look at the tables and at what they let through, as a share of places let through that costs as much. */
  readonly cost: number;
}

/** At `pair` of the literal: at -1 and near its end only some of the four are the literal's. */
export const windowAt = ({ bytes, ignoresCase }: Literal, pair: number): Window => ({
  first: halfSetOf(spellings(pair < 0 ? undefined : bytes[pair], ignoresCase)),
  second: halfSetOf(spellings(bytes[pair + 1], ignoresCase)),
  third: halfSetOf(spellings(bytes[pair + 2], ignoresCase)) | ANY_UPPER,
  fourth: halfSetOf(spellings(bytes[pair + 3], ignoresCase)) | ANY_UPPER,
});

/** How often memory shows the window; 1 for four zeros, which would end the skipping of zeros. */
export function windowShare(
  { first, second, third, fourth }: Window,
  model = new MemoryModel(),
): number {
  if ((first & second & third & fourth & ZERO) === ZERO) return 1;
  return model.shareOf(first, second, third, fourth);
}

/** @param mostSets how many sets of tables are looked at, at most */
export function windowFilter(
  windows: readonly Window[],
  mostSets: number,
  model = new MemoryModel(),
): WindowFilter {
  const buckets = new Dealing(model).dealtOut(windows, mostSets);
  const sets = Math.ceil(buckets.length / SET_BUCKETS);
  const tables = new Uint8Array(sets * SET_BYTES);
  for (const [number, bucket] of buckets.entries()) {
    const set = Math.floor(number / SET_BUCKETS) * SET_BYTES;
    const bit = 1 << (number % SET_BUCKETS);
    for (const [table, { place, shift }] of HALVES.entries()) {
      const mask = bucket[place] >>> shift;
      for (let half = 0; half < 16; half += 1) {
        const at = set + table * 16 + half;
        if ((mask >> half) & 1) tables[at] = (tables[at] ?? 0) | bit;
      }
    }
  }
  return { tables, share: sumOf(buckets), cost: costOf(buckets, sets) };
}

const SET_BUCKETS = 8;
/** Bytes of a set of tables. */
export const SET_BYTES = 6 * 16;
/** What is looked at: which half of which byte, by its first bit in a `HalfSet`. */
const HALVES = [
  { place: 'first', shift: 0 },
  { place: 'first', shift: 16 },
  { place: 'second', shift: 0 },
  { place: 'second', shift: 16 },
  { place: 'third', shift: 0 },
  { place: 'fourth', shift: 0 },
] as const;

/** A look at another set costs as much as so large a share of places that are let through. */
const SET_COST = 0.012;

/** Windows that are told from all else together, as if they were one. */
interface Bucket extends Window {
  readonly share: number;
  /** What it was joined from. */
  readonly windows: readonly Bucket[];
}

const costOf = (buckets: readonly Bucket[], sets: number): number =>
  sets * SET_COST + sumOf(buckets);

const sumOf = (buckets: readonly Bucket[]): number =>
  buckets.reduce((sum, { share }) => sum + share, 0);

/**
 * Deals windows out to buckets. Thousands of unions are weighed before few are made, and each run does it once, before
 * its code is compiled: so a weighed union is numbers only.
 */
class Dealing {
  private readonly model: MemoryModel;

  constructor(model: MemoryModel) {
    this.model = model;
  }

  /** So many buckets that more sets would cost more than they keep away. */
  dealtOut(windows: readonly Window[], mostSets: number): readonly Bucket[] {
    const distinct = new Map<string, Bucket>();
    for (const window of windows) {
      const bucket = this.bucketOf(window);
      const { first, second, third, fourth } = bucket;
      distinct.set(`${first},${second},${third},${fourth}`, bucket);
    }
    const joinedTo = this.joined([...distinct.values()], mostSets);
    let best: readonly Bucket[] = [];
    let bestCost = Infinity;
    // Where few sets let hardly anything through, more can only cost more.
    for (let sets = 1; sets <= mostSets && sets * SET_COST < bestCost; sets += 1) {
      const buckets = this.settled(this.settled(joinedTo[sets] ?? []));
      const cost = costOf(buckets, sets);
      if (cost < bestCost) [best, bestCost] = [buckets, cost];
    }
    return best;
  }

  /**
   * By number of sets: the windows, joined two at a time, those that lose least by it, until the sets hold them. Only
   * neighbours are joined, in an order in which windows stand beside their like.
   */
  private joined(windows: readonly Bucket[], mostSets: number): readonly (readonly Bucket[])[] {
    const left = windows.toSorted(byContent);
    const losses = left.map((bucket, index) => this.loss(bucket, left[index + 1]));
    const joinedTo: (readonly Bucket[])[] = [];
    for (let sets = mostSets; sets > 0; sets -= 1) {
      while (left.length > sets * SET_BUCKETS) {
        const at = losses.indexOf(Math.min(...losses));
        const pair = left.slice(at, at + 2);
        const union = this.unionOf(pair.flatMap(({ windows: held }) => held));
        left.splice(at, 2, union);
        losses.splice(at, 2, this.loss(union, left[at + 1]));
        const before = left[at - 1];
        if (before) losses[at - 1] = this.loss(before, union);
      }
      joinedTo[sets] = [...left];
    }
    return joinedTo;
  }

  /** What is let through besides where both are joined; Infinity where there is no other. */
  private loss(bucket: Bucket, other: Bucket | undefined): number {
    return other ? this.unionShare(bucket, other) - bucket.share - other.share : Infinity;
  }

  /** Moves each window to where it costs least: what was joined early may by now fit better elsewhere. */
  private settled(joined: readonly Bucket[]): readonly Bucket[] {
    const buckets = [...joined];
    for (const window of joined.flatMap(({ windows }) => windows)) {
      const home = buckets.findIndex(({ windows }) => windows.includes(window));
      const left = this.unionOf((buckets[home]?.windows ?? []).filter((one) => one !== window));
      const gain = (buckets[home]?.share ?? 0) - left.share;
      if (gain <= window.share) continue;
      const costs = buckets.map((bucket, index) =>
        index === home ? gain : this.unionShare(bucket, window) - bucket.share,
      );
      const target = costs.indexOf(Math.min(...costs));
      if (target === home) continue;
      buckets[home] = left;
      buckets[target] = this.unionOf([...(buckets[target]?.windows ?? []), window]);
    }
    return buckets.filter(({ windows }) => windows.length > 0);
  }

  private bucketOf(window: Window): Bucket {
    const windows: Bucket[] = [];
    const bucket = { ...window, share: this.unionShare(window, window), windows };
    windows.push(bucket);
    return bucket;
  }

  private unionOf(windows: readonly Bucket[]): Bucket {
    const union = { first: 0, second: 0, third: 0, fourth: 0 };
    for (const { first, second, third, fourth } of windows) {
      union.first |= first;
      union.second |= second;
      union.third |= third;
      union.fourth |= fourth;
    }
    const share = windows.length === 0 ? 0 : this.unionShare(union, union);
    return { ...union, share, windows };
  }

  private unionShare(one: Window, other: Window): number {
    const { model } = this;
    const first = one.first | other.first;
    const second = one.second | other.second;
    const third = one.third | other.third;
    const fourth = one.fourth | other.fourth;
    if ((first & second & third & fourth & ZERO) === ZERO) return 1;
    return model.shareOf(first, second, third, fourth);
  }
}

/** First by the kinds of characters, their upper halves: those of the second byte tell text from text in UTF-16. */
const byContent = (one: Window, other: Window): number =>
  (one.second >>> 16) - (other.second >>> 16) ||
  (one.first >>> 16) - (other.first >>> 16) ||
  one.fourth - other.fourth ||
  one.third - other.third ||
  one.second - other.second ||
  one.first - other.first;
