import { Ip2ProcessError } from '../errors.ts';
import { type Literal, LITERAL_LIMIT } from './literal.ts';
import { chooseWindow, keyOf, type KeyWindow, pairsAt, WindowCosts } from './key-window.ts';

/**
 * All literals in one structure, so that the scan costs nearly the same for one and for ten thousand.
 *
 * The scan looks only at pairs of bytes at even offsets: half of all offsets are enough, because each literal is
 * entered twice, once for occurrences that begin at an even offset and once for odd ones. `pairs` says for each of the
 * 65,536 pair values whether some literal has it and where a four-byte key then lies; the key's hash leads to the
 * literals, which are compared in full. (The idea of a coarse first look at every second byte is that of the FDR
 * matcher in Wang et al., "Hyperscan", NSDI 2019.)
 */
export interface LiteralIndex {
  readonly count: number;
  /**
   * For each pair (little-endian) the key positions to look up: bit n is a key that begins n - 3 bytes after the
   * pair; `SHORT_BIT` stands for the literals too short for a key.
   */
  readonly pairs: Uint8Array;
  /** Keys multiply and shift into it; holds a chain's first entry + 1, or 0. */
  readonly heads: Uint32Array;
  readonly hashShift: number;
  /** `ENTRY_WORDS` words each: key, next entry + 1, literal, bytes from the literal's start to the pair, bit of the key position. */
  readonly entries: Int32Array;
  /** First entry + 1 of the literals too short for a key, chained by `next`. */
  readonly shortHead: number;
  /** `LITERAL_WORDS` words each: where its bytes begin in `texts`, length, 1 where case is ignored. */
  readonly literals: Int32Array;
  readonly texts: Uint8Array;
  /** A pair lies less than this many bytes after its literal's start. */
  readonly reach: number;
}

export const ENTRY_WORDS = 5;
export const LITERAL_WORDS = 3;
export const SHORT_BIT = 5;
/** 2^32 / golden ratio, odd: spreads keys (Knuth, TAOCP 6.4, multiplicative hashing). */
export const HASH_FACTOR = 0x9e3779b1;

/** @throws Ip2ProcessError `request` for a literal that is empty or longer than a page. */
export function indexLiterals(literals: readonly Literal[]): LiteralIndex {
  const hashBits = Math.max(8, Math.ceil(Math.log2(literals.length * 8 + 1)));
  const index = {
    count: literals.length,
    pairs: new Uint8Array(0x10000),
    heads: new Uint32Array(2 ** hashBits),
    hashShift: 32 - hashBits,
    entries: new Int32Array(literals.length * 2 * ENTRY_WORDS),
    shortHead: 0,
    literals: new Int32Array(literals.length * LITERAL_WORDS),
    texts: new Uint8Array(literals.reduce((sum, { bytes }) => sum + bytes.length, 0)),
    reach: 1,
  };
  const costs = new WindowCosts(literals, index.pairs);

  let textEnd = 0;
  let entry = 0;
  for (const [number, literal] of literals.entries()) {
    const { length } = literal.bytes;
    if (length === 0 || length > LITERAL_LIMIT) {
      throw new Ip2ProcessError(
        'request',
        `Cannot search for literal ${number}: it has ${length} bytes, expected 1 to ${LITERAL_LIMIT}`,
        { literal: number },
      );
    }
    index.texts.set(literal.bytes, textEnd);
    index.literals.set([textEnd, length, literal.ignoresCase ? 1 : 0], number * LITERAL_WORDS);
    textEnd += length;

    for (const parity of [0, 1] as const) {
      const window = chooseWindow(literal, parity, costs);
      index.reach = Math.max(index.reach, window.pair + 1);
      enter(index, literal, number, window, entry);
      entry += 1;
    }
  }
  return index;
}

function enter(
  index: { -readonly [Key in keyof LiteralIndex]: LiteralIndex[Key] },
  literal: Literal,
  number: number,
  window: KeyWindow,
  entry: number,
): void {
  const bit = window.key === null ? SHORT_BIT : window.key - window.pair + 3;
  for (const pair of pairsAt(literal, window.pair)) {
    index.pairs[pair] = (index.pairs[pair] ?? 0) | (1 << bit);
  }

  const key = window.key === null ? 0 : keyOf(literal.bytes, window.key);
  const slot = hash(key, index.hashShift);
  const next = window.key === null ? index.shortHead : (index.heads[slot] ?? 0);
  index.entries.set([key, next, number, window.pair, bit], entry * ENTRY_WORDS);
  if (window.key === null) index.shortHead = entry + 1;
  else index.heads[slot] = entry + 1;
}

/** Slot of a key in `LiteralIndex.heads`. */
export const hash = (key: number, shift: number): number => Math.imul(key, HASH_FACTOR) >>> shift;
