import { MEMORY_MODELS } from './byte-model.ts';
import { type Literal, spellings } from './literal.ts';

/** Four bytes of a literal, the first at an even place: per place, the bytes that may stand there. */
export type Window = readonly (readonly number[])[];

/**
 * The coarse first look where few literals are sought: four bytes at every even place, 64 bytes at a time by vector
 * instructions. Windows are dealt out to buckets, one bit each, eight to a set of tables; a place is looked at where one
 * bucket has the halves of the first two bytes and those of the others. (Tables of half bytes and buckets are those of
 * Teddy, the literal matcher for few patterns in Wang et al., "Hyperscan", NSDI 2019.) It lets too much through, never
 * too little.
 */
export interface WindowFilter {
  /** Sets of eight tables of 16 bytes: by a half of a byte, the buckets that have it; in the order of `HALVES`. */
  readonly tables: Uint8Array;
  /** 0 to 1: the share of even places in used memory that it lets through, by guess. */
  readonly share: number;
}

/** How much a machine's vectors look at in one step. */
export interface WindowLimits {
  /** Sets of tables, at most. */
  readonly sets: number;
  /** Of `HALVES`, the first so many. */
  readonly halves: number;
}

/** Of ./assembly, whose vectors have 16 bytes: of the last two bytes the lower halves tell letters and digits apart. */
export const NARROW: WindowLimits = { sets: 1, halves: 6 };
/** Of ./native, whose vectors are twice as wide. */
export const WIDE: WindowLimits = { sets: 3, halves: 8 };

/** At `pair` of the literal: at -1 and near its end only some of the four are the literal's. */
export const windowAt = ({ bytes, ignoresCase }: Literal, pair: number): Window => [
  spellings(pair < 0 ? undefined : bytes[pair], ignoresCase),
  spellings(bytes[pair + 1], ignoresCase),
  spellings(bytes[pair + 2], ignoresCase),
  spellings(bytes[pair + 3], ignoresCase),
];

/** How often memory shows the window; 1 for four zeros, which would end the skipping of zeros. */
export function windowShare(window: Window): number {
  const [first = [], second = [], third = [], fourth = []] = window;
  if (window.every((bytes) => bytes.includes(0))) return 1;
  let total = 0;
  for (const { share, even, odd } of MEMORY_MODELS) {
    total += share * even.of(first) * odd.of(second) * even.ofLower(third) * odd.ofLower(fourth);
  }
  return total;
}

export function windowFilter(windows: readonly Window[], limits: WindowLimits): WindowFilter {
  const buckets = joined(
    windows.map((window) => bucketOf(window, limits.halves)),
    limits.sets,
  );
  const sets = Math.ceil(buckets.length / SET_BUCKETS);
  const tables = new Uint8Array(sets * SET_BYTES);
  for (const [number, { halves }] of buckets.entries()) {
    const set = Math.floor(number / SET_BUCKETS) * SET_BYTES;
    const bit = 1 << (number % SET_BUCKETS);
    for (const [table, mask] of halves.entries()) {
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
export const SET_BYTES = 8 * 16;
/** What is looked at: of which byte, shifted right by how much. */
const HALVES = [
  { place: 0, shift: 0 },
  { place: 0, shift: 4 },
  { place: 1, shift: 0 },
  { place: 1, shift: 4 },
  { place: 2, shift: 0 },
  { place: 3, shift: 0 },
  { place: 2, shift: 4 },
  { place: 3, shift: 4 },
] as const;

interface Bucket {
  /** Bit sets of half bytes, as the tables are ordered; all bits where that half is not looked at. */
  readonly halves: readonly number[];
  readonly share: number;
}

const bucketOf = (window: Window, looked: number): Bucket =>
  withShare(
    HALVES.map(({ place, shift }, index) =>
      index < looked
        ? (window[place] ?? []).reduce((set, byte) => set | (1 << ((byte >> shift) & 15)), 0)
        : ANY,
    ),
  );

const withShare = (halves: readonly number[]): Bucket => ({ halves, share: shareOf(halves) });

const sumOf = (buckets: readonly Bucket[]): number =>
  buckets.reduce((sum, { share }) => sum + share, 0);

/** A look at another set costs as much as so large a share of places that are let through. */
const SET_COST = 0.01;

/** Puts those together that lose least by it, until more sets would cost more than they keep away. */
function joined(given: readonly Bucket[], mostSets: number): readonly Bucket[] {
  const distinct = new Map(given.map((bucket) => [bucket.halves.join(), bucket]));
  const buckets = [...distinct.values()];
  const joining = new Joining(buckets);
  let best: readonly Bucket[] = [];
  let bestCost = Infinity;
  for (let sets = mostSets; sets > 0; sets -= 1) {
    joining.downTo(sets * SET_BUCKETS);
    const cost = sets * SET_COST + sumOf(buckets);
    if (cost < bestCost) [best, bestCost] = [[...buckets], cost];
  }
  return best;
}

/** Joins the buckets of a list, in place, two at a time. */
class Joining {
  private readonly buckets: Bucket[];
  /** Per bucket, in the same order: what its union with each one before it loses. */
  private readonly losses: number[][];
  /** Thousands of unions are weighed and few are made: the halves of each weighed one stand here. */
  private readonly union = HALVES.map(() => 0);

  constructor(buckets: Bucket[]) {
    this.buckets = buckets;
    this.losses = buckets.map((bucket, index) => this.lossesOf(bucket, buckets.slice(0, index)));
  }

  downTo(count: number): void {
    while (this.buckets.length > count) {
      const [first, second] = leastOf(this.losses);
      const one = this.buckets[second];
      const other = this.buckets[first];
      if (!one || !other) return;
      this.remove(second);
      this.remove(first);
      const both = withShare(one.halves.map((set, index) => set | (other.halves[index] ?? 0)));
      this.losses.push(this.lossesOf(both, this.buckets));
      this.buckets.push(both);
    }
  }

  private remove(gone: number): void {
    this.buckets.splice(gone, 1);
    this.losses.splice(gone, 1);
    for (let index = gone; index < this.losses.length; index += 1) {
      this.losses[index]?.splice(gone, 1);
    }
  }

  private lossesOf(bucket: Bucket, before: readonly Bucket[]): number[] {
    const { union } = this;
    return before.map((other) => {
      for (let index = 0; index < union.length; index += 1) {
        union[index] = (bucket.halves[index] ?? 0) | (other.halves[index] ?? 0);
      }
      return shareOf(union) - bucket.share - other.share;
    });
  }
}

/** Column and row of the least number. */
function leastOf(rows: readonly (readonly number[])[]): [number, number] {
  let [first, second, least] = [0, 1, Infinity];
  for (let row = 0; row < rows.length; row += 1) {
    const numbers = rows[row] ?? [];
    for (let column = 0; column < numbers.length; column += 1) {
      const number = numbers[column] ?? Infinity;
      if (number < least) [first, second, least] = [column, row, number];
    }
  }
  return [first, second];
}

function shareOf(halves: readonly number[]): number {
  if (halves.every((set) => (set & 1) !== 0)) return 1;
  const [firstLow = 0, firstHigh = 0, secondLow = 0, secondHigh = 0] = halves;
  let total = 0;
  for (const { share, even, odd } of MEMORY_MODELS) {
    total +=
      share *
      even.ofHalves(firstLow, firstHigh) *
      odd.ofHalves(secondLow, secondHigh) *
      even.ofHalves(halves[4] ?? 0, halves[6] ?? 0) *
      odd.ofHalves(halves[5] ?? 0, halves[7] ?? 0);
  }
  return total;
}

const ANY = 0xffff;
