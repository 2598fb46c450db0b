import { MEMORY_MODELS } from './byte-model.ts';
import { type Literal, spellings } from './literal.ts';

/** Four bytes of a literal, the first at an even place: per place, the bytes that may stand there. */
export type Window = readonly (readonly number[])[];

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

/** @param mostSets how many sets of tables are looked at, at most */
export function windowFilter(windows: readonly Window[], mostSets: number): WindowFilter {
  const buckets = dealtOut(windows.map(bucketOf), mostSets);
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
export const SET_BYTES = 6 * 16;
/** What is looked at: of which byte, shifted right by how much. */
const HALVES = [
  { place: 0, shift: 0 },
  { place: 0, shift: 4 },
  { place: 1, shift: 0 },
  { place: 1, shift: 4 },
  { place: 2, shift: 0 },
  { place: 3, shift: 0 },
] as const;

interface Bucket {
  /** Bit sets of half bytes, as the tables are ordered. */
  readonly halves: readonly number[];
  readonly share: number;
  /** What it was joined from. */
  readonly windows: readonly Bucket[];
}

function bucketOf(window: Window): Bucket {
  const halves = HALVES.map(({ place, shift }) =>
    (window[place] ?? []).reduce((set, byte) => set | (1 << ((byte >> shift) & 15)), 0),
  );
  const bucket = { halves, share: shareOf(halves), windows: [] as Bucket[] };
  bucket.windows.push(bucket);
  return bucket;
}

function unionOf(windows: readonly Bucket[]): Bucket {
  const halves = HALVES.map((_, index) =>
    windows.reduce((set, window) => set | (window.halves[index] ?? 0), 0),
  );
  return { halves, share: windows.length === 0 ? 0 : shareOf(halves), windows };
}

const sumOf = (buckets: readonly Bucket[]): number =>
  buckets.reduce((sum, { share }) => sum + share, 0);

/** A look at another set costs as much as so large a share of places that are let through. */
const SET_COST = 0.012;

/** Deals the windows out to so many buckets that more sets would cost more than they keep away. */
function dealtOut(given: readonly Bucket[], mostSets: number): readonly Bucket[] {
  const distinct = new Map(given.map((bucket) => [bucket.halves.join(), bucket]));
  const joining = new Joining([...distinct.values()]);
  let best: readonly Bucket[] = [];
  let bestCost = Infinity;
  for (let sets = mostSets; sets > 0; sets -= 1) {
    const buckets = settled(joining.downTo(sets * SET_BUCKETS));
    const cost = sets * SET_COST + sumOf(buckets);
    if (cost < bestCost) [best, bestCost] = [buckets, cost];
  }
  return best;
}

/** Moves each window to where it costs least: what was joined early may by now fit better elsewhere. */
function settled(joined: readonly Bucket[]): readonly Bucket[] {
  const buckets = [...joined];
  for (const window of joined.flatMap(({ windows }) => windows)) {
    const home = buckets.findIndex(({ windows }) => windows.includes(window));
    const left = unionOf((buckets[home]?.windows ?? []).filter((other) => other !== window));
    const gain = (buckets[home]?.share ?? 0) - left.share;
    if (gain <= window.share) continue;
    const moved = buckets.map((bucket) => unionOf([...bucket.windows, window]));
    const costs = moved.map(({ share }, index) =>
      index === home ? gain : share - (buckets[index]?.share ?? 0),
    );
    const target = costs.indexOf(Math.min(...costs));
    const arrived = moved[target];
    if (target === home || !arrived) continue;
    buckets[home] = left;
    buckets[target] = arrived;
  }
  return buckets.filter(({ windows }) => windows.length > 0);
}

/** Puts those buckets together, two at a time, that lose least by it. */
class Joining {
  private readonly buckets: Bucket[];
  /** Per bucket, in the same order: what its union with each one before it loses. */
  private readonly losses: number[][];
  /** Thousands of unions are weighed and few are made: the halves of each weighed one stand here. */
  private readonly union = HALVES.map(() => 0);

  constructor(buckets: readonly Bucket[]) {
    this.buckets = [...buckets];
    this.losses = buckets.map((bucket, index) => this.lossesOf(bucket, buckets.slice(0, index)));
  }

  /** What is left when there are so many at most. */
  downTo(count: number): readonly Bucket[] {
    while (this.buckets.length > count) {
      const [first, second] = leastOf(this.losses);
      const one = this.remove(second);
      const other = this.remove(first);
      const both = unionOf([...one, ...other]);
      this.losses.push(this.lossesOf(both, this.buckets));
      this.buckets.push(both);
    }
    return [...this.buckets];
  }

  /** Its windows. */
  private remove(gone: number): readonly Bucket[] {
    const [bucket] = this.buckets.splice(gone, 1);
    this.losses.splice(gone, 1);
    for (let index = gone; index < this.losses.length; index += 1) {
      this.losses[index]?.splice(gone, 1);
    }
    return bucket?.windows ?? [];
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
  const [firstLow = 0, firstHigh = 0, secondLow = 0, secondHigh = 0, third = 0, fourth = 0] =
    halves;
  let total = 0;
  for (const { share, even, odd } of MEMORY_MODELS) {
    total +=
      share *
      even.ofHalves(firstLow, firstHigh) *
      odd.ofHalves(secondLow, secondHigh) *
      even.ofHalves(third, ANY) *
      odd.ofHalves(fourth, ANY);
  }
  return total;
}

const ANY = 0xffff;
