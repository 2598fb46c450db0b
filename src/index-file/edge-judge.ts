import {
  type Edge,
  type EdgeIndex,
  halfAt,
  type HalfKind,
  LARGER_HALF,
} from '../scan/edge-index.ts';
import type { Literal } from '../scan/literal.ts';
import { EDGE_BYTES, EDGE_WORDS } from './group-writer.ts';

/** The four bytes of a page nearest an edge as one number, the nearest lowest. `step`: 1 or -1, inwards. */
export const edgeOf = (bytes: Uint8Array, nearest: number, step: number): number =>
  ((bytes[nearest] ?? 0) |
    ((bytes[nearest + step] ?? 0) << 8) |
    ((bytes[nearest + 2 * step] ?? 0) << 16) |
    ((bytes[nearest + 3 * step] ?? 0) << 24)) >>>
  0;

/** Whether a page's edge can be one half of a text, by the few bytes that the index keeps of it. */
export class EdgeJudge {
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
    const isHead = index.edge === 'head';
    for (const { bytes } of literals) {
      for (let length = EDGE_BYTES + 1; length < bytes.length; length += 1) {
        const nearest = isHead ? bytes.length - length : length - 1;
        const step = isHead ? 1 : -1;
        this.#longer.add(
          keyOf(edgeOf(bytes, nearest, step), edgeOf(bytes, nearest + 4 * step, step)),
        );
      }
    }
  }

  get edge(): Edge {
    return this.#index.edge;
  }

  /** Adds to `into` the indices of pages whose edges are worth a call of `half`: of nearly every page they are not. */
  sift(edges: Uint32Array, into: number[]): void {
    // 0: no half ends or begins with these two bytes.
    const { near } = this.#index;
    for (let word = 0; word < edges.length; word += EDGE_WORDS) {
      if (near[(edges[word] ?? 0) & 0xffff] !== 0) into.push(word / EDGE_WORDS);
    }
  }

  /**
   * @param edges as `GroupReader` has them
   * @param readEdge fills the page's edge, where the kept bytes do not decide
   */
  half(edges: Uint32Array, page: number, readEdge: (into: Uint8Array) => void): HalfKind {
    const kept = this.#kept;
    const isHead = this.edge === 'head';
    const low = edges[page * EDGE_WORDS] ?? 0;
    const high = edges[page * EDGE_WORDS + 1] ?? 0;
    for (let at = 0; at < EDGE_BYTES; at += 1) {
      kept[isHead ? at : EDGE_BYTES - 1 - at] = (at < 4 ? low : high) >>> (8 * (at % 4));
    }
    const half = halfAt(this.#index, kept, isHead ? 0 : EDGE_BYTES - 1, EDGE_BYTES);
    if (half === LARGER_HALF || !this.#longer.has(keyOf(low, high))) return half;
    readEdge(this.#edge);
    return this.halfOf(this.#edge);
  }

  /** The same, of a page's bytes at this edge: three at least. */
  halfOf(edge: Uint8Array): HalfKind {
    const nearest = this.edge === 'head' ? 0 : edge.length - 1;
    return halfAt(this.#index, edge, nearest, edge.length);
  }
}

const keyOf = (low: number, high: number): number =>
  (low | CASE_BITS) ^ Math.imul(high | CASE_BITS, 0x9e3779b1);

const CASE_BITS = 0x20202020;
