import { folded, type Literal, spellings } from './literal.ts';
import { lengthOf, type LiteralTable, standsAt, tableOf } from './literal-table.ts';

/** Which edge of a page: `tail` is its end, with the beginning of a text; `head` its start, with the rest of one. */
export type Edge = 'tail' | 'head';

/**
 * Tells whether a page's edge can be one half of a literal that was cut there: its end a proper beginning of some
 * literal, or its start a proper end of one. Plain data, so that it is made once and sent to every thread.
 *
 * Halves are read from the edge inwards: one of one or two bytes is known by the two bytes nearest the edge, and these
 * two also sort out nearly every page that holds none.
 */
export interface EdgeIndex {
  readonly edge: Edge;
  readonly literals: LiteralTable;
  /** By the two bytes nearest the edge: `NOTHING`, `HALF` or `BEGINS_HALF`. */
  readonly near: Uint8Array;
  /** By a hash of the three bytes nearest the edge: first half + 1 of a chain, or 0. */
  readonly heads: Uint32Array;
  /** `HALF_WORDS` words each: next half + 1, literal, length. */
  readonly halves: Uint32Array;
}

export function indexEdges(literals: readonly Literal[], edge: Edge): EdgeIndex {
  const table = tableOf(literals);
  const near = new Uint8Array(0x10000);
  const heads = new Uint32Array(HEADS);
  const halves: number[] = [];

  for (const [number, literal] of literals.entries()) {
    for (let length = 1; length < literal.bytes.length; length += 1) {
      const inwards = (index: number): number | undefined =>
        literal.bytes[edge === 'head' ? literal.bytes.length - length + index : length - 1 - index];
      const isShort = length <= 2;
      const isNews = markNear(
        near,
        inwards(0),
        length > 1 ? inwards(1) : undefined,
        literal,
        isShort,
      );
      // Where two bytes say "a half", nobody asks for longer ones.
      if (isShort || !isNews) continue;

      const slot = hash(inwards(0) ?? 0, inwards(1) ?? 0, inwards(2) ?? 0);
      halves.push(heads[slot] ?? 0, number, length);
      heads[slot] = halves.length / HALF_WORDS;
    }
  }
  return { edge, literals: table, near, heads, halves: Uint32Array.from(halves) };
}

/**
 * Never misses a half. Says yes too often only where fewer than three of the page's bytes are at hand.
 *
 * @param nearest index in `bytes` of the page's byte at the edge
 * @param available how many of the page's bytes there are from it inwards
 */
export function isHalf(
  index: EdgeIndex,
  bytes: Uint8Array,
  nearest: number,
  available: number,
): boolean {
  const step = index.edge === 'head' ? 1 : -1;
  const first = bytes[nearest] ?? 0;
  const second = bytes[nearest + step] ?? 0;
  const near = index.near[first | (second << 8)];
  if (near === HALF || available < 3) return true;
  if (near === NOTHING) return false;

  let link = index.heads[hash(first, second, bytes[nearest + 2 * step] ?? 0)] ?? 0;
  while (link !== 0) {
    const half = (link - 1) * HALF_WORDS;
    link = index.halves[half] ?? 0;
    const literal = index.halves[half + 1] ?? 0;
    const length = index.halves[half + 2] ?? 0;
    if (length > available) continue;
    const whole = lengthOf(index.literals, literal);
    const stands =
      index.edge === 'head'
        ? standsAt(index.literals, literal, whole - length, whole, bytes, nearest)
        : standsAt(index.literals, literal, 0, length, bytes, nearest - length + 1);
    if (stands) return true;
  }
  return false;
}

const NOTHING = 0;
const HALF = 1;
const BEGINS_HALF = 2;
const HALF_WORDS = 3;
const HEADS = 2 ** 16;

/** Enters what the two bytes nearest the edge say; false where they said "a half" before. */
function markNear(
  near: Uint8Array,
  first: number | undefined,
  second: number | undefined,
  { ignoresCase }: Literal,
  isShort: boolean,
): boolean {
  let isNews = false;
  for (const a of spellings(first, ignoresCase)) {
    for (const b of spellings(second, ignoresCase)) {
      const pair = a | (b << 8);
      if (near[pair] === HALF) continue;
      isNews = true;
      near[pair] = isShort ? HALF : BEGINS_HALF;
    }
  }
  return isNews;
}

/** Letters of either case together. Multiplication by 2^32 / golden ratio (Knuth, TAOCP 6.4). */
const hash = (first: number, second: number, third: number): number =>
  Math.imul(folded(first) | (folded(second) << 8) | (folded(third) << 16), 0x9e3779b1) >>> 16;
