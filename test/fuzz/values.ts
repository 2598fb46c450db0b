import type { Random } from '../support/build-image/random.ts';

/** Values at which arithmetic and bounds break: ends of the number types, of physical and of virtual addresses. */
export const EXTREMES: readonly bigint[] = [
  0n,
  2n,
  3n,
  0x1001n,
  ...[0, 3, 8, 12, 16, 31, 32, 40, 47, 48, 51, 52, 53, 56, 57, 62, 63, 64].flatMap((bit) => [
    (1n << BigInt(bit)) - 1n,
    1n << BigInt(bit),
  ]),
  0xffff_ffff_ffff_f000n,
  0xffff_8000_0000_0000n,
  0xff00_0000_0000_0000n,
  0xffff_ffff_8000_0000n,
];
/** One to `most` of them, each further one half as likely. */
export function someOf<T>(random: Random, most: number, make: () => T): T[] {
  const edits = [make()];
  while (edits.length < most && random.below(2) === 0) edits.push(make());
  return edits;
}

export const pick = <T>(random: Random, items: readonly T[]): T | undefined =>
  items[random.below(items.length)];

/** 8 bytes, little-endian; 0 beyond the end. */
export function wordAt(bytes: Uint8Array, at: number): bigint {
  if (at < 0 || at + 8 > bytes.length) return 0n;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true);
}

export const random64 = (random: Random): bigint =>
  (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32));
