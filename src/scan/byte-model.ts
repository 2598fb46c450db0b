import { byteShare, isNumberChar, isShown } from './byte-share.ts';

/** How a kind of memory's content spreads over the 256 bytes. Guesses: a wrong one costs time, never a hit. */
export class ByteModel {
  private readonly shares: Float64Array;
  /**
   * By upper half, 16 for all of them together: sums of shares by a set of half of the lower halves, the lower eight
   * and then the upper. Made when first asked for: a search asks for few.
   */
  private readonly rows: (Float64Array | undefined)[] = Array.from({ length: 17 });

  constructor(weight: (byte: number) => number) {
    const weights = Float64Array.from({ length: 256 }, (_, byte) => weight(byte));
    const sum = weights.reduce((total, one) => total + one);
    this.shares = weights.map((one) => one / sum);
  }

  of(bytes: readonly number[]): number {
    if (bytes.length === 256) return 1;
    let sum = 0;
    for (const byte of bytes) sum += this.shares[byte] ?? 0;
    return sum;
  }

  /** Share of the bytes with the lower half of one of these. */
  ofLower(bytes: readonly number[]): number {
    return this.sumOf(
      16,
      bytes.reduce((set, byte) => set | (1 << (byte & 15)), 0),
    );
  }

  /** Share of the bytes whose halves are both in the sets, of 16 bits each. */
  ofHalves(low: number, high: number): number {
    if (high === 0xffff) return this.sumOf(16, low);
    let sum = 0;
    for (let rest = high; rest !== 0; rest &= rest - 1) {
      sum += this.sumOf(31 - Math.clz32(rest & -rest), low);
    }
    return sum;
  }

  private sumOf(row: number, low: number): number {
    const sums = (this.rows[row] ??= this.sumsOf(row));
    return (sums[low & 255] ?? 0) + (sums[256 + (low >> 8)] ?? 0);
  }

  private sumsOf(row: number): Float64Array {
    const sums = new Float64Array(512);
    for (let low = 0; low < 16; low += 1) {
      const share = this.lowerShare(row, low);
      const half = low < 8 ? 0 : 256;
      const bit = 1 << (low & 7);
      for (let set = bit; set < 2 * bit; set += 1) {
        sums[half + set] = (sums[half + set - bit] ?? 0) + share;
      }
    }
    return sums;
  }

  private lowerShare(row: number, low: number): number {
    if (row < 16) return this.shares[16 * row + low] ?? 0;
    let sum = 0;
    for (let high = 0; high < 16; high += 1) sum += this.shares[16 * high + low] ?? 0;
    return sum;
  }
}

const NOISE = new ByteModel(() => 1);
const MIXED = new ByteModel(byteShare);
const TEXT = new ByteModel((byte) =>
  isShown(byte) ? byteShare(byte) + (isNumberChar(byte) ? 0.01 : 0) : 0,
);
const ZEROS = new ByteModel((byte) => (byte === 0 ? 1 : 0));

/** What used memory is made of, and what stands at its even and odd places. */
export const MEMORY_MODELS: readonly {
  readonly share: number;
  readonly even: ByteModel;
  readonly odd: ByteModel;
}[] = [
  { share: 0.4, even: NOISE, odd: NOISE },
  { share: 0.3, even: MIXED, odd: MIXED },
  { share: 0.2, even: TEXT, odd: TEXT },
  { share: 0.05, even: TEXT, odd: ZEROS },
  { share: 0.05, even: ZEROS, odd: TEXT },
];
