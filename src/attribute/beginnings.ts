import type { BytePattern } from '../indicator/pattern.ts';
import { folded } from '../scan/literal.ts';

/** Bytes by which patterns are told apart: each by as many as it has. All URLs begin alike, and so do all requests. */
const LENGTHS: readonly number[] = [2, 4, 8, 12, 16, 24, 32];

/**
 * Patterns by what they begin with, letters of either case together. Made for few thousand places: an index such as the
 * scan's takes longer to make.
 */
export class Beginnings {
  /** 1: some pattern begins with these two bytes. */
  readonly #pairs = new Uint8Array(2 ** 16);
  /** For each length: by the hash of so many bytes, the patterns that are told by it, and whether longer ones go on. */
  readonly #byLength: readonly Map<number, Alike>[] = LENGTHS.map(() => new Map());

  constructor(patterns: readonly BytePattern[]) {
    for (const [number, { bytes }] of patterns.entries()) {
      this.#pairs[pairAt(bytes, 0)] = 1;
      const longest = LENGTHS.findLastIndex((one) => one <= Math.max(bytes.length, 2));
      let hash = SEED;
      for (let n = 0; n <= longest; n += 1) {
        hash = hashOn(hash, bytes, LENGTHS[n - 1] ?? 0, LENGTHS[n] ?? 0);
        const alike = this.#byLength[n]?.get(hash) ?? { numbers: [], goesOn: false };
        this.#byLength[n]?.set(hash, alike);
        if (n < longest) alike.goesOn = true;
        else alike.numbers.push(number);
      }
    }
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
    let found = NONE;
    let hash = SEED;
    for (const [n, length] of LENGTHS.entries()) {
      hash = hashOn(hash, bytes, at + (LENGTHS[n - 1] ?? 0), at + length);
      const alike = this.#byLength[n]?.get(hash);
      if (alike === undefined) break;
      if (found === NONE) found = alike.numbers;
      else if (alike.numbers.length > 0) {
        found = [...found, ...alike.numbers].toSorted((one, other) => one - other);
      }
      if (!alike.goesOn) break;
    }
    return found;
  }
}

interface Alike {
  /** Ascending. */
  readonly numbers: number[];
  goesOn: boolean;
}

const NONE: readonly number[] = [];

const pairAt = (bytes: Uint8Array, at: number): number =>
  folded(bytes[at] ?? 0) | (folded(bytes[at + 1] ?? 0) << 8);

/** FNV-1a of 32 bits. */
const SEED = 0x811c_9dc5;

/** The hash with the bytes from `from` up to `end`, exclusive, too. */
function hashOn(before: number, bytes: Uint8Array, from: number, end: number): number {
  let hash = before;
  for (let index = from; index < end; index += 1) {
    hash = Math.imul(hash ^ folded(bytes[index] ?? 0), 0x0100_0193);
  }
  return hash;
}
