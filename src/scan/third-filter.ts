import { machineCode } from '../machine-code/machine-code.ts';
import { pairShare, isNumberChar } from './byte-share.ts';
import type { Literal } from './literal.ts';

/**
 * The coarse first look of machine code where many literals are sought, and a `WindowFilter` would cost more: four
 * bytes at every third place. Each literal is entered three times, for occurrences that begin at, one and two bytes
 * behind such a place. One row per hash of the last three of the four bytes, a bit in it for each kind of first; the
 * two in the middle are known of every literal of four bytes. It lets too much through, never too little.
 */
export interface ThirdFilter {
  /** 2 ** `rowBits` bytes: by `rowOf`, a bit for each `kindOf` of the first byte. */
  readonly rows: Uint8Array;
  readonly rowBits: number;
  /** Where each literal is looked for: offsets of the four bytes in it, negative where they begin before it. */
  readonly chosen: readonly (readonly [Literal, readonly number[]])[];
}

export const THIRDS = 3;
/** The smallest rows lie in a core's nearest cache, and the largest index is two bytes in ../machine-code/loops.h. */
const LEAST_ROW_BITS = 14;
const MOST_ROW_BITS = 16;
/** Of noise: above it larger rows are better. */
const SHARE = 0.03;
/** From this length on all three places have eight bytes of the literal behind them, which tell it from nearly all else. */
const WIDE_LENGTH = 8 + THIRDS - 1;
/** A place far behind a literal's start would make blocks overlap more for nothing. */
const OFFSETS_LOOKED_AT = 32;

/** The row of the last three of four bytes, as ../machine-code/loops.h counts it: letters of the first two in one case. */
export const rowOf = (second: number, third: number, fourth: number, rowBits: number): number =>
  Math.imul(second | (third << 8) | 0x2020 | ((fourth & 15) << 16), 0x9e3779b1) >>> (32 - rowBits);

/** 0 to 7: the same for a letter in either case. */
export const kindOf = (first: number): number => first & 7;

/** @param sample pages of what will be searched, where there are any */
export function thirdFilter(
  literals: readonly Literal[],
  sample: Uint8Array | null = null,
): ThirdFilter {
  const short = literals.filter(({ bytes }) => bytes.length < 2 * THIRDS).length;
  const marks = THIRDS * literals.length + UNKNOWN_MARKS * short;
  const rowBits = Math.min(
    MOST_ROW_BITS,
    Math.max(LEAST_ROW_BITS, Math.ceil(Math.log2(marks / SHARE / 8))),
  );
  const filling = new Filling(rowBits, sample);
  const chosen = literals.map((literal) => [literal, filling.enter(literal)] as const);
  return { rows: filling.rows, rowBits, chosen };
}

/** Of a literal of four bytes, at the two places that hold only three of them. */
const UNKNOWN_MARKS = 16 + 8;

class Filling {
  readonly rows: Uint8Array;
  private readonly rowBits: number;
  /** How often each kind stood in each row of the sample: by 8 * row + kind. */
  private readonly counts: Uint32Array | null;
  private readonly places: number;
  /** Nothing rarer is looked for: a mark lets as much of noise through. A mere guess is never good enough. */
  private readonly enough: number;

  constructor(rowBits: number, sample: Uint8Array | null) {
    this.rowBits = rowBits;
    this.rows = new Uint8Array(2 ** rowBits);
    this.counts = sample && countedMarks(sample, rowBits);
    this.enough = this.counts ? 1 / 8 / this.rows.length : 0;
    this.places = sample ? sample.length / THIRDS : 1;
  }

  /** @returns the offsets chosen */
  enter({ bytes }: Literal): number[] {
    const digitsEnd = numberEnd(bytes);
    const offsets = [0, 0, 0];
    for (let phase = 0; phase < THIRDS; phase += 1) {
      const offset = this.choose(bytes, phase, digitsEnd);
      this.mark(bytes, offset);
      offsets[phase] = offset;
    }
    return offsets;
  }

  /** The rarest four bytes; where there are none, those of which most is known. */
  private choose(bytes: Uint8Array, phase: number, digitsEnd: number): number {
    const told = bytes.length < WIDE_LENGTH ? 4 : 8;
    let last = Math.min(bytes.length - told, OFFSETS_LOOKED_AT);
    const before = phase - THIRDS;
    if (phase > last) {
      // Behind a literal's end the text may end too: nothing is looked at there.
      const isBehind = phase >= bytes.length;
      return isBehind || costOfShort(bytes, before) < costOfShort(bytes, phase) ? before : phase;
    }
    // Addresses of one network begin alike, names of one domain end alike: first where they differ.
    const isNumber = isNumberChar(bytes[phase] || (bytes[phase + 1] ?? 0));
    if (isNumber) last = Math.max(phase, Math.min(last, digitsEnd - 4));
    const count = Math.floor((last - phase) / THIRDS) + 1;
    let best = phase;
    let bestCost = Infinity;
    // By index, and no further than needed: done thousands of times before this code is compiled.
    for (let number = 0; number < count && bestCost > this.enough; number += 1) {
      const offset = phase + THIRDS * (isNumber ? count - 1 - number : number);
      const cost = this.costAt(bytes, offset);
      if (cost >= bestCost) continue;
      best = offset;
      bestCost = cost;
    }
    // What is all zeros from the second byte on, an address of a network: two bytes of four say more than zeros.
    const begins = ((bytes[before + 1] ?? 0) | (bytes[before + 2] ?? 0)) & ANY_CASE;
    return bestCost >= LIKE_ZEROS_COST && begins !== 0 ? before : best;
  }

  private costAt(bytes: Uint8Array, offset: number): number {
    const first = bytes[offset] ?? 0;
    const second = bytes[offset + 1] ?? 0;
    const third = bytes[offset + 2] ?? 0;
    const fourth = bytes[offset + 3] ?? 0;
    // Zeros stand nearly everywhere, and what shares their mark is looked at where they do.
    if ((first | second | third) === 0) return ZEROS_COST;
    if ((kindOf(first) | ((second | third) & ANY_CASE)) === 0) return LIKE_ZEROS_COST;
    const row = rowOf(second, third, fourth, this.rowBits);
    const kind = kindOf(first);
    const counted = this.counts ? (this.counts[8 * row + kind] ?? 0) / this.places : 0;
    const guess = pairShare(first, second) * pairShare(third, fourth);
    const isTaken = (((this.rows[row] ?? 0) >> kind) & 1) === 1;
    return (counted + guess) * (isTaken ? 0.1 : 1);
  }

  private mark(bytes: Uint8Array, offset: number): void {
    const { rows, rowBits } = this;
    if (offset >= 0 && offset + 4 <= bytes.length) {
      const row = rowOf(
        bytes[offset + 1] ?? 0,
        bytes[offset + 2] ?? 0,
        bytes[offset + 3] ?? 0,
        rowBits,
      );
      rows[row] = (rows[row] ?? 0) | (1 << kindOf(bytes[offset] ?? 0));
      return;
    }
    const kinds = offset < 0 || offset >= bytes.length ? 0xff : 1 << kindOf(bytes[offset] ?? 0);
    const seconds = valuesAt(bytes, offset + 1, ALL_BYTES);
    const thirds = valuesAt(bytes, offset + 2, ALL_BYTES);
    if (seconds === ALL_BYTES && thirds === ALL_BYTES) {
      rows.fill(0xff);
      return;
    }
    const fourths = valuesAt(bytes, offset + 3, ALL_HALVES);
    for (const second of seconds) {
      for (const third of thirds) {
        for (const fourth of fourths) {
          const row = rowOf(second, third, fourth, rowBits);
          rows[row] = (rows[row] ?? 0) | kinds;
        }
      }
    }
  }
}

const ZEROS_COST = 1;
const LIKE_ZEROS_COST = 0.9;
/** Bits of a byte that `rowOf` tells apart. */
const ANY_CASE = 0xdf;
const ALL_BYTES: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);
const ALL_HALVES: readonly number[] = ALL_BYTES.slice(0, 16);

/** The literal's byte; `all` where the place is outside of it. */
function valuesAt(bytes: Uint8Array, offset: number, all: readonly number[]): readonly number[] {
  const byte = bytes[offset];
  return byte === undefined ? all : [byte];
}

/** Where digits and dots end, of one byte or two each. */
function numberEnd(bytes: Uint8Array): number {
  let end = 0;
  while (end < bytes.length && isNumberChar(bytes[end] || (bytes[end - 1] ?? 0))) end += 1;
  return end;
}

/** Of four bytes that are not all the literal's: how many bits are set for them; none costs as much as that of zeros. */
function costOfShort(bytes: Uint8Array, offset: number): number {
  let marks = 1;
  let hasZeros = true;
  for (const [place, { values, told }] of PLACES.entries()) {
    const byte = bytes[offset + place];
    if (byte === undefined) marks *= values;
    else if ((byte & told) !== 0) hasZeros = false;
  }
  return hasZeros ? Infinity : marks;
}

/** Of each of the four bytes: how many values of it the rows tell apart, and by which of its bits. */
const PLACES = [
  { values: 8, told: 7 },
  { values: 256, told: ANY_CASE },
  { values: 256, told: ANY_CASE },
  { values: 16, told: 15 },
];

/** Null where nothing counts them: nothing looks at thirds there either. */
function countedMarks(pages: Uint8Array, rowBits: number): Uint32Array | null {
  const code = machineCode();
  if (!code) return null;
  const counts = new Uint32Array(8 * 2 ** rowBits);
  code.countMarks(pages, counts, rowBits);
  return counts;
}
