import {
  type Edge,
  type EdgeIndex,
  halfAt,
  type HalfKind,
  LARGER_HALF,
} from '../scan/edge-index.ts';
import type { Literal } from '../scan/literal.ts';
import { bucketOf, BUCKETS, EDGE_BYTES, ENTRY_WORDS, fourBytes } from './edge-section.ts';

/** Whether a page's edge can be one half of a text, by the few bytes that the index keeps of it. */
export class EdgeJudge {
  /** By bucket: 1 where some edge in it can be a half. Of nearly all buckets none can. */
  readonly wanted = new Uint8Array(BUCKETS);
  readonly #index: EdgeIndex;
  /** What is kept of the edges of halves too long to be judged by it, hashed; letters of either case together. */
  readonly #longer = new Set<number>();
  readonly #kept = new Uint8Array(EDGE_BYTES);
  /** As much of an edge as a half can have. */
  readonly #edge: Uint8Array;

  constructor(index: EdgeIndex, literals: readonly Literal[]) {
    this.#index = index;
    this.#edge = new Uint8Array(
      literals.reduce((most, { bytes }) => Math.max(most, bytes.length), 3),
    );
    for (const [pair, said] of index.near.entries()) {
      // 0: no half ends or begins with these two bytes.
      if (said !== 0) this.wanted[bucketOf(pair & 0xff, pair >> 8)] = 1;
    }
    const isHead = index.edge === 'head';
    const step = isHead ? 1 : -1;
    for (const { bytes } of literals) {
      for (let length = EDGE_BYTES + 1; length < bytes.length; length += 1) {
        const nearest = isHead ? bytes.length - length : length - 1;
        const [one = 0, two = 0, three = 0] = [1, 5, 9].map((at) =>
          fourBytes(bytes, nearest + at * step, step),
        );
        this.#longer.add(keyOf(bytes[nearest] ?? 0, one, two, three));
      }
    }
  }

  get edge(): Edge {
    return this.#index.edge;
  }

  /** Whether the two bytes nearest the edge can be of a half: of nearly every page they are not. */
  isNear(nearest: number, second: number): boolean {
    return this.#index.near[nearest | (second << 8)] !== 0;
  }

  /**
   * @param entry index in `entries`, as the section holds them
   * @param nearest the byte nearest the edge
   * @param readEdge fills the page's edge, where the kept bytes do not decide
   */
  half(
    entries: Uint32Array,
    entry: number,
    nearest: number,
    readEdge: (into: Uint8Array) => void,
  ): HalfKind {
    const isHead = this.edge === 'head';
    const at = isHead ? 0 : EDGE_BYTES - 1;
    const step = isHead ? 1 : -1;
    this.#kept[at] = nearest;
    for (let byte = 1; byte < EDGE_BYTES; byte += 1) {
      const word = entries[entry * ENTRY_WORDS + ((byte + 3) >> 2)] ?? 0;
      this.#kept[at + byte * step] = word >>> (8 * ((byte - 1) & 3));
    }
    const half = halfAt(this.#index, this.#kept, at, EDGE_BYTES);
    if (half === LARGER_HALF || this.#longer.size === 0) return half;
    const at1 = entry * ENTRY_WORDS + 1;
    const key = keyOf(nearest, entries[at1] ?? 0, entries[at1 + 1] ?? 0, entries[at1 + 2] ?? 0);
    if (!this.#longer.has(key)) return half;
    readEdge(this.#edge);
    return this.halfOf(this.#edge);
  }

  /** The same, of a page's bytes at this edge: three at least. */
  halfOf(edge: Uint8Array): HalfKind {
    const nearest = this.edge === 'head' ? 0 : edge.length - 1;
    return halfAt(this.#index, edge, nearest, edge.length);
  }
}

function keyOf(nearest: number, one: number, two: number, three: number): number {
  let key = Math.imul((nearest | CASE_BITS) ^ (one | CASE_BITS), FACTOR);
  key = Math.imul(key ^ (two | CASE_BITS), FACTOR);
  return Math.imul(key ^ (three | CASE_BITS), FACTOR);
}

const CASE_BITS = 0x20202020;
const FACTOR = 0x9e3779b1;
