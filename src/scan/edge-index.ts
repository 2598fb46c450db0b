import { machineCode } from '../machine-code/machine-code.ts';
import { folded, type Literal, spellings } from './literal.ts';
import { lengthOf, type LiteralTable, standsAt, tableOf } from './literal-table.ts';

/** Which edge of a page: `tail` is its end, with the beginning of a text; `head` its start, with the rest of one. */
export type Edge = 'tail' | 'head';

/**
 * Tells whether a page's edge can be one half of a literal that was cut there: its end a proper beginning of some
 * literal, or its start a proper end of one; and whether it can be the larger half, as one of the two must be. Plain
 * data, so that it is made once and sent to every thread.
 *
 * Halves are read from the edge inwards: one of one or two bytes is known by the two bytes nearest the edge, and these
 * two also sort out nearly every page that holds none.
 */
export interface EdgeIndex {
  readonly edge: Edge;
  readonly literals: LiteralTable;
  /** By the two bytes nearest the edge: 0, or bits of `IS_HALF`, `IS_LARGER`, `BEGINS_HALF`. */
  readonly near: Uint8Array;
  /** Bits by the same: whether `near` is not 0. Small enough to stay at hand, for every page is asked. */
  readonly isNear: Uint32Array;
  /** The same: whether it is more than `IS_HALF`. */
  readonly isMore: Uint32Array;
  /** By a hash of the six bytes nearest the edge, or three for halves of fewer: first half + 1 of a chain, or 0. */
  readonly heads: Uint32Array;
  /** `HALF_WORDS` words each: next half + 1, literal, length. */
  readonly halves: Uint32Array;
}

export function indexEdges(
  literals: readonly Literal[],
  edge: Edge,
  table = tableOf(literals),
  code = machineCode(),
): EdgeIndex {
  const near = new Uint8Array(0x10000);
  const index = {
    near,
    isNear: new Uint32Array(near.length / 32),
    isMore: new Uint32Array(near.length / 32),
    heads: new Uint32Array(HEADS),
    halves: new Uint32Array(table.texts.length * HALF_WORDS),
  };
  const { isNear, isMore, heads, halves } = index;
  const count =
    code?.indexEdges(
      table.rows,
      table.texts,
      edge === 'head',
      near,
      isNear,
      isMore,
      heads,
      halves,
    ) ?? fill(index, literals, edge);
  return { ...index, edge, literals: table, halves: halves.slice(0, count * HALF_WORDS) };
}

type Tables = Pick<EdgeIndex, 'near' | 'isNear' | 'isMore' | 'heads' | 'halves'>;

/** As ../machine-code/preparation.h. @returns how many halves there are */
function fill(index: Tables, literals: readonly Literal[], edge: Edge): number {
  const { heads, halves } = index;
  let count = 0;
  // By index: it runs once for each byte of each literal, before this code is compiled.
  for (const [number, literal] of literals.entries()) {
    const { bytes } = literal;
    const whole = bytes.length;
    for (let length = 1; length < whole; length += 1) {
      const nearest = edge === 'head' ? whole - length : length - 1;
      const step = edge === 'head' ? 1 : -1;
      const first = bytes[nearest] ?? 0;
      const isLarger = isLargerHalf(length, whole);
      if (length <= 2) {
        const second = length > 1 ? bytes[nearest + step] : undefined;
        markNear(index, first, second, literal, IS_HALF | (isLarger ? IS_LARGER : 0), 0);
        continue;
      }
      const second = bytes[nearest + step] ?? 0;
      // Where two bytes say as much, nobody asks for longer ones.
      const enough = isLarger ? IS_LARGER : IS_HALF;
      if (!markNear(index, first, second, literal, BEGINS_HALF, enough)) continue;
      const word = nearWord(first, second, bytes[nearest + 2 * step] ?? 0);
      const slot =
        length < FAR_BYTES ? nearHash(word) : farHash(word, farWord(bytes, nearest, step));
      halves[count * HALF_WORDS] = heads[slot] ?? 0;
      halves[count * HALF_WORDS + 1] = number;
      halves[count * HALF_WORDS + 2] = length;
      count += 1;
      heads[slot] = count;
    }
  }
  return count;
}

/** What a page's edge can be. */
export const NO_HALF = 0;
export const HALF = 1;
/** Of a literal's two halves the larger, or one as large as the other. */
export const LARGER_HALF = 2;
export type HalfKind = typeof NO_HALF | typeof HALF | typeof LARGER_HALF;

/**
 * Never misses a half. Says too much only where fewer than three of the page's bytes are at hand.
 *
 * @param nearest index in `bytes` of the page's byte at the edge
 * @param available how many of the page's bytes there are from it inwards
 */
export function halfAt(
  index: EdgeIndex,
  bytes: Uint8Array,
  nearest: number,
  available: number,
): HalfKind {
  const step = index.edge === 'head' ? 1 : -1;
  const first = bytes[nearest] ?? 0;
  const second = bytes[nearest + step] ?? 0;
  const near = index.near[first | (second << 8)] ?? 0;
  if ((near & IS_LARGER) !== 0 || available < 3) return LARGER_HALF;
  let found: HalfKind = (near & IS_HALF) === 0 ? NO_HALF : HALF;
  if ((near & BEGINS_HALF) === 0) return found;

  const third = bytes[nearest + 2 * step] ?? 0;
  if (available >= FAR_BYTES) {
    const far = farHash(nearWord(first, second, third), farWord(bytes, nearest, step));
    found = longestOf(index, index.heads[far] ?? 0, found, bytes, nearest, available);
    if (found === LARGER_HALF) return found;
  }
  const near3 = nearHash(nearWord(first, second, third));
  return longestOf(index, index.heads[near3] ?? 0, found, bytes, nearest, available);
}

/** The larger of what was found before and what the chain from `link` on finds. */
function longestOf(
  index: EdgeIndex,
  link: number,
  before: HalfKind,
  bytes: Uint8Array,
  nearest: number,
  available: number,
): HalfKind {
  let found = before;
  while (link !== 0) {
    const half = (link - 1) * HALF_WORDS;
    link = index.halves[half] ?? 0;
    const literal = index.halves[half + 1] ?? 0;
    const length = index.halves[half + 2] ?? 0;
    if (length > available) continue;
    const whole = lengthOf(index.literals, literal);
    const isLarger = isLargerHalf(length, whole);
    if (!isLarger && found === HALF) continue;
    const stands =
      index.edge === 'head'
        ? standsAt(index.literals, literal, whole - length, whole, bytes, nearest)
        : standsAt(index.literals, literal, 0, length, bytes, nearest - length + 1);
    if (stands && isLarger) return LARGER_HALF;
    if (stands) found = HALF;
  }
  return found;
}

/** Whether two bytes, the one nearest the edge in the lower half, can be of a half. */
export const isNearPair = (index: EdgeIndex, pair: number): boolean =>
  (((index.isNear[pair >>> 5] ?? 0) >>> (pair & 31)) & 1) !== 0;

const isLargerHalf = (length: number, whole: number): boolean => 2 * length >= whole;

/** These two bytes alone, or the nearer one, are a half; the larger one. */
const IS_HALF = 1;
const IS_LARGER = 2;
/** A half that tells more begins with them. */
const BEGINS_HALF = 4;
const HALF_WORDS = 3;
const HEADS = 2 ** 16;

/** Adds what the two bytes nearest the edge say, unless they say `enough` already; whether they did not. */
function markNear(
  { near, isNear, isMore }: Tables,
  first: number,
  second: number | undefined,
  { ignoresCase }: Literal,
  saying: number,
  enough: number,
): boolean {
  let isAsked = false;
  const firsts = spellings(first, ignoresCase);
  const seconds = spellings(second, ignoresCase);
  // By index: done for each byte of each literal before this code is compiled, where an iterator costs several times that.
  for (let one = 0; one < firsts.length; one += 1) {
    for (let other = 0; other < seconds.length; other += 1) {
      const pair = (firsts[one] ?? 0) | ((seconds[other] ?? 0) << 8);
      const said = near[pair] ?? 0;
      if ((said & enough) !== 0) continue;
      isAsked = true;
      if ((said & saying) === saying) continue;
      near[pair] = said | saying;
      isNear[pair >>> 5] = (isNear[pair >>> 5] ?? 0) | (1 << (pair & 31));
      if (saying === IS_HALF) continue;
      isMore[pair >>> 5] = (isMore[pair >>> 5] ?? 0) | (1 << (pair & 31));
    }
  }
  return isAsked;
}

/** Three bytes, letters of either case together. */
const nearWord = (first: number, second: number, third: number): number =>
  folded(first) | (folded(second) << 8) | (folded(third) << 16);

/** The three bytes behind those. */
const farWord = (bytes: Uint8Array, nearest: number, step: number): number =>
  nearWord(
    bytes[nearest + 3 * step] ?? 0,
    bytes[nearest + 4 * step] ?? 0,
    bytes[nearest + 5 * step] ?? 0,
  );

/** Multiplication by 2^32 / golden ratio (Knuth, TAOCP 6.4), and before it by a factor of MurmurHash3. */
const nearHash = (word: number): number => Math.imul(word, 0x9e3779b1) >>> 16;
const farHash = (near: number, far: number): number => nearHash(near ^ Math.imul(far, 0x85ebca6b));

/** Halves of so many bytes are known by as many: three bytes of UTF-16 are one letter and a half. */
const FAR_BYTES = 6;
