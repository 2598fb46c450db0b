import type { BytePattern } from '../indicator/pattern.ts';
import { folded } from '../scan/literal.ts';

/** Bytes by which patterns are told apart: each by as many as it has. All URLs begin alike, and so do all requests. */
const LENGTHS: readonly number[] = [32, 24, 16, 12, 8, 4, 2];

/**
 * Patterns by what they begin with, letters of either case together. Made for few thousand places: an index such as the
 * scan's takes longer to make.
 */
export class Beginnings {
  /** 1: some pattern begins with these two bytes. */
  readonly #pairs = new Uint8Array(2 ** 16);
  /** By the hash of so many first bytes: ascending numbers of patterns. */
  readonly #byLength: readonly {
    readonly length: number;
    readonly numbers: ReadonlyMap<number, readonly number[]>;
  }[];

  constructor(patterns: readonly BytePattern[]) {
    const byLength = new Map<number, Map<number, number[]>>();
    for (const [number, { bytes }] of patterns.entries()) {
      this.#pairs[pairAt(bytes, 0)] = 1;
      const length = LENGTHS.find((one) => one <= bytes.length) ?? 1;
      const numbers = byLength.get(length) ?? new Map<number, number[]>();
      byLength.set(length, numbers);
      const hash = hashAt(bytes, 0, length);
      const alike = numbers.get(hash);
      if (alike) alike.push(number);
      else numbers.set(hash, [number]);
    }
    this.#byLength = [...byLength].map(([length, numbers]) => ({ length, numbers }));
  }

  /** First place from `from` on where some pattern may begin; `end`: none before it. */
  next(bytes: Uint8Array, from: number, end: number): number {
    const pairs = this.#pairs;
    let at = from;
    while (at < end && pairs[pairAt(bytes, at)] === 0) at += 1;
    return at;
  }

  /** Numbers of the patterns that may begin there, ascending. */
  at(bytes: Uint8Array, at: number): readonly number[] {
    let found: readonly number[] = NONE;
    for (const { length, numbers } of this.#byLength) {
      const alike = numbers.get(hashAt(bytes, at, length));
      if (alike === undefined) continue;
      found = found === NONE ? alike : [...found, ...alike].toSorted((one, other) => one - other);
    }
    return found;
  }
}

const NONE: readonly number[] = [];

const pairAt = (bytes: Uint8Array, at: number): number =>
  folded(bytes[at] ?? 0) | (folded(bytes[at + 1] ?? 0) << 8);

/** FNV-1a of 32 bits. */
function hashAt(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c_9dc5;
  for (let index = at; index < at + length; index += 1) {
    hash = Math.imul(hash ^ folded(bytes[index] ?? 0), 0x0100_0193);
  }
  return hash;
}
