import { byteShare, isNumberChar, isShown, pairShare } from './byte-share.ts';
import type { MemorySample } from './memory-sample.ts';

/**
 * Some of the 256 values of a byte, by their halves, in 32 bits: bit n for the lower half n, bit 16 + n for the upper
 * half n. It stands for all bytes that have one of the lower and one of the upper halves.
 */
export type HalfSet = number;

export const ALL_BYTES: HalfSet = -1;
/** With any lower halves: all bytes that have one of these. */
export const ANY_UPPER: HalfSet = 0xffff << 16;
/** The byte 0. */
export const ZERO: HalfSet = 0x10001;

export function halfSetOf(bytes: readonly number[]): HalfSet {
  if (bytes.length === 256) return ALL_BYTES;
  let set = 0;
  // By index: asked for each byte of each literal before this code is compiled, where an iterator costs several times that.
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    set |= (1 << (byte & 15)) | (0x10000 << (byte >> 4));
  }
  return set;
}

/** What share of its bytes some values are, by kind of memory's content. */
export interface ByteShares {
  readonly noise: number;
  readonly mixed: number;
  readonly text: number;
  readonly zeros: number;
}

/** How used memory's content spreads: guesses, and what a sample says. A wrong one costs time, never a hit. */
export class MemoryModel {
  private readonly mixed = new ByteModel(byteShare);
  private readonly text = new ByteModel((byte) =>
    isShown(byte) ? byteShare(byte) + (isNumberChar(byte) ? 0.01 : 0) : 0,
  );
  /** By the set: few are asked for, thousands of times. */
  private readonly known = new Map<HalfSet, ByteShares>();
  private readonly sample: MemorySample | null;

  constructor(sample: MemorySample | null = null) {
    this.sample = sample;
  }

  /** The share of places where such bytes stand one after the other, the first at an even place: 0 to 1. */
  shareOf(first: HalfSet, second: HalfSet, third: HalfSet, fourth: HalfSet): number {
    const guess = shareInMemory(this.of(first), this.of(second), this.of(third), this.of(fourth));
    return guess + (this.sample?.shareOf(first, second, third, fourth) ?? 0);
  }

  /** The same of two bytes, little-endian. */
  shareOfPair(pair: number): number {
    const guess = pairShare(pair & 0xff, pair >> 8);
    return guess + (this.sample?.shareOfPair(pair) ?? 0);
  }

  /** Of the bytes in the set. */
  of(set: HalfSet): ByteShares {
    let shares = this.known.get(set);
    if (shares === undefined) {
      shares = {
        noise: (ones(set & 0xffff) * ones(set >>> 16)) / 256,
        mixed: this.mixed.of(set),
        text: this.text.of(set),
        zeros: (set & ZERO) === ZERO ? 1 : 0,
      };
      this.known.set(set, shares);
    }
    return shares;
  }
}

/** How often used memory shows such bytes one after the other, the first at an even place. */
export const shareInMemory = (
  first: ByteShares,
  second: ByteShares,
  third: ByteShares,
  fourth: ByteShares,
): number =>
  0.4 * first.noise * second.noise * third.noise * fourth.noise +
  0.3 * first.mixed * second.mixed * third.mixed * fourth.mixed +
  0.2 * first.text * second.text * third.text * fourth.text +
  // UTF-16.
  0.05 * first.text * second.zeros * third.text * fourth.zeros +
  0.05 * first.zeros * second.text * third.zeros * fourth.text;

export const ALL_SHARES: ByteShares = { noise: 1, mixed: 1, text: 1, zeros: 1 };

/** One kind of content. */
class ByteModel {
  private readonly shares = new Float64Array(256);
  /** Bits by upper half: whether the content holds such bytes at all. */
  private uppers = 0;
  /**
   * By upper half, `ANY` for all of them together: sums of shares by a set of half of the lower halves, the lower eight
   * and then the upper. Made when first asked for: a search asks for few.
   */
  private readonly rows: (Float64Array | undefined)[] = Array.from({ length: ANY + 1 });

  constructor(weight: (byte: number) => number) {
    let sum = 0;
    for (let byte = 0; byte < 256; byte += 1) sum += this.shares[byte] = weight(byte);
    for (let byte = 0; byte < 256; byte += 1) {
      const share = (this.shares[byte] ?? 0) / sum;
      this.shares[byte] = share;
      if (share > 0) this.uppers |= 1 << (byte >> 4);
    }
  }

  of(set: HalfSet): number {
    const uppers = set >>> 16;
    if (uppers === 0xffff) return this.sumOf(ANY, set);
    let sum = 0;
    for (let rest = uppers & this.uppers; rest !== 0; rest &= rest - 1) {
      sum += this.sumOf(31 - Math.clz32(rest & -rest), set);
    }
    return sum;
  }

  private sumOf(row: number, set: HalfSet): number {
    const sums = (this.rows[row] ??= this.sumsOf(row));
    return (sums[set & 255] ?? 0) + (sums[256 + ((set >> 8) & 255)] ?? 0);
  }

  private sumsOf(row: number): Float64Array {
    const sums = new Float64Array(512);
    for (let low = 0; low < 16; low += 1) {
      const share = this.lowerShare(row, low);
      const half = low < 8 ? 0 : 256;
      const bit = 1 << (low & 7);
      for (let set = 0; set < bit; set += 1) {
        sums[half + bit + set] = (sums[half + set] ?? 0) + share;
      }
    }
    return sums;
  }

  private lowerShare(row: number, low: number): number {
    if (row < ANY) return this.shares[16 * row + low] ?? 0;
    let sum = 0;
    for (let high = 0; high < 16; high += 1) sum += this.shares[16 * high + low] ?? 0;
    return sum;
  }
}

const ANY = 16;

/** How many of 16 bits are set. */
function ones(bits: number): number {
  const pairs = bits - ((bits >> 1) & 0x5555);
  const fours = (pairs & 0x3333) + ((pairs >> 2) & 0x3333);
  const eights = (fours + (fours >> 4)) & 0x0f0f;
  return (eights & 0xff) + (eights >> 8);
}
