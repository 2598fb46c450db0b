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
  return { tables, share: sumOf(buckets) };
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
      const buckets = this.settled(joinedTo[sets] ?? []);
      const cost = sets * SET_COST + sumOf(buckets);
      if (cost < bestCost) [best, bestCost] = [buckets, cost];
    }
    return best;
  }

  /** By number of sets: the windows, joined two at a time, those that lose least by it, until the sets hold them. */
  private joined(windows: readonly Bucket[], mostSets: number): readonly (readonly Bucket[])[] {
    let left: Joinable[] = [];
    for (const [number, window] of windows.entries()) {
      left.push(this.joinable(window, number, left));
    }
    let made = windows.length;
    const joinedTo: (readonly Bucket[])[] = [];
    for (let sets = mostSets; sets > 0; sets -= 1) {
      while (left.length > sets * SET_BUCKETS) {
        const one = left.reduce((best, other) => (other.loss < best.loss ? other : best));
        const { nearest } = one;
        if (!nearest) break;
        left = left.filter((other) => other !== one && other !== nearest);
        for (const other of left) {
          if (other.nearest === one || other.nearest === nearest) findNearest(other, left);
        }
        const union = this.unionOf([...one.bucket.windows, ...nearest.bucket.windows]);
        left.push(this.joinable(union, made, left));
        made += 1;
      }
      joinedTo[sets] = left.map(({ bucket }) => bucket);
    }
    return joinedTo;
  }

  private joinable(bucket: Bucket, number: number, before: readonly Joinable[]): Joinable {
    const losses: number[] = [];
    for (const { bucket: other, number: at } of before) {
      losses[at] = this.unionShare(bucket, other) - bucket.share - other.share;
    }
    const joinable = { bucket, number, losses, nearest: null, loss: Infinity };
    findNearest(joinable, before);
    return joinable;
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

/** A bucket that can still be joined with others. */
interface Joinable {
  readonly bucket: Bucket;
  /** In the order in which they were made. */
  readonly number: number;
  /** What its union with one made before it loses, by that one's number. */
  readonly losses: readonly number[];
  /** The one of them that it loses least with, and how much. */
  nearest: Joinable | null;
  loss: number;
}

/** @param among in the order in which they were made */
function findNearest(joinable: Joinable, among: readonly Joinable[]): void {
  joinable.nearest = null;
  joinable.loss = Infinity;
  for (const other of among) {
    if (other.number >= joinable.number) return;
    const loss = joinable.losses[other.number] ?? Infinity;
    if (loss >= joinable.loss) continue;
    joinable.nearest = other;
    joinable.loss = loss;
  }
}
