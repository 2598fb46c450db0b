import { MEMORY_MODELS } from './byte-model.ts';
import { type Literal, spellings } from './literal.ts';

/** Four bytes of a literal, the first at an even place: per place, the bytes that may stand there. */
export type Window = readonly (readonly number[])[];

/**
 * The coarse first look where few literals are sought: four bytes at every even place, 64 bytes at a time by vector
 * instructions. Windows are dealt out to eight buckets, one bit each; a place is looked at where one bucket has both
 * halves of the first two bytes and the lower halves of the others, which tell letters and digits apart. (Tables of half
 * bytes and buckets are those of Teddy, the literal matcher for few patterns in Wang et al., "Hyperscan", NSDI 2019.)
 * It lets too much through, never too little.
 */
export interface WindowFilter {
  /** Tables of 16 bytes: by a half of a byte, the buckets that have it; in the order of `HALVES`. */
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

export function windowFilter(windows: readonly Window[]): WindowFilter {
  const buckets = joined(windows.map(bucketOf));
  const tables = new Uint8Array(HALVES.length * 16);
  for (const [number, { halves }] of buckets.entries()) {
    for (const [table, mask] of halves.entries()) {
      for (let half = 0; half < 16; half += 1) {
        const at = table * 16 + half;
        if ((mask >> half) & 1) tables[at] = (tables[at] ?? 0) | (1 << number);
      }
    }
  }
  return { tables, share: buckets.reduce((sum, bucket) => sum + bucket.share, 0) };
}

const BUCKETS = 8;
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
}

const bucketOf = (window: Window): Bucket =>
  withShare(
    HALVES.map(({ place, shift }) =>
      (window[place] ?? []).reduce((set, byte) => set | (1 << ((byte >> shift) & 15)), 0),
    ),
  );

const withShare = (halves: readonly number[]): Bucket => ({ halves, share: shareOf(halves) });

/** Puts those together that lose least by it, until no more are left than there are bits. */
function joined(given: readonly Bucket[]): Bucket[] {
  const distinct = new Map(given.map((bucket) => [bucket.halves.join(), bucket]));
  const buckets = [...distinct.values()];
  // Thousands of unions are weighed and few are made: the sets of each weighed one stand here.
  const sets = HALVES.map(() => 0);
  const lossOf = (one: Bucket, other: Bucket): number => {
    for (let index = 0; index < sets.length; index += 1) {
      sets[index] = (one.halves[index] ?? 0) | (other.halves[index] ?? 0);
    }
    return shareOf(sets) - one.share - other.share;
  };
  const lossesOf = (bucket: Bucket, before: readonly Bucket[]): number[] =>
    before.map((other) => lossOf(bucket, other));
  // Per bucket, in the same order: what its union with each one before it loses.
  const losses = buckets.map((bucket, index) => lossesOf(bucket, buckets.slice(0, index)));
  while (buckets.length > BUCKETS) {
    const [first, second] = leastOf(losses);
    const one = buckets[second];
    const other = buckets[first];
    if (!one || !other) break;
    for (const gone of [second, first]) {
      buckets.splice(gone, 1);
      losses.splice(gone, 1);
      for (let index = gone; index < losses.length; index += 1) losses[index]?.splice(gone, 1);
    }
    const both = withShare(one.halves.map((set, index) => set | (other.halves[index] ?? 0)));
    losses.push(lossesOf(both, buckets));
    buckets.push(both);
  }
  return buckets;
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
