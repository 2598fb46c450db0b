import { PAGE_BYTES } from '../memory/address.ts';
import { type Edge, type EdgeIndex, isHalf } from '../scan/edge-index.ts';
import type { Literal } from '../scan/literal.ts';
import { EDGE_BYTES } from './group-writer.ts';

/** Whether a page's edge can be one half of a text, by the few bytes that the index keeps of it. */
export class EdgeJudge {
  readonly #index: EdgeIndex;
  /** In the kept bytes of a page. */
  readonly #nearest: number;
  readonly #step: number;
  /** The four bytes nearest the edge of all halves too long to be judged by the kept bytes. */
  readonly #longer = new Set<number>();
  readonly #page = new Uint8Array(PAGE_BYTES);

  constructor(index: EdgeIndex, literals: readonly Literal[]) {
    this.#index = index;
    this.#nearest = index.edge === 'head' ? 0 : 2 * EDGE_BYTES - 1;
    this.#step = index.edge === 'head' ? 1 : -1;
    for (const { bytes } of literals) {
      for (let length = EDGE_BYTES + 1; length < bytes.length; length += 1) {
        const at = index.edge === 'head' ? bytes.length - length : length - 1;
        this.#longer.add(keyOf(bytes, at, this.#step));
      }
    }
  }

  get edge(): Edge {
    return this.#index.edge;
  }

  /**
   * @param edges of a group's pages, `2 * EDGE_BYTES` each
   * @param page index of the page
   * @param readPage fills the page, where the kept bytes do not decide
   */
  isHalf(edges: Uint8Array, page: number, readPage: (into: Uint8Array) => void): boolean {
    const nearest = page * 2 * EDGE_BYTES + this.#nearest;
    const first = edges[nearest] ?? 0;
    const second = edges[nearest + this.#step] ?? 0;
    // 0: no half ends or begins so. Nearly every page is passed here.
    if (this.#index.near[first | (second << 8)] === 0) return false;
    if (isHalf(this.#index, edges, nearest, EDGE_BYTES)) return true;
    if (!this.#longer.has(keyOf(edges, nearest, this.#step))) return false;
    readPage(this.#page);
    return this.isHalfOf(this.#page);
  }

  /** The same, of a whole page. */
  isHalfOf(page: Uint8Array): boolean {
    const nearest = this.edge === 'head' ? 0 : PAGE_BYTES - 1;
    return isHalf(this.#index, page, nearest, PAGE_BYTES);
  }
}

/** Four bytes from `at` inwards; letters of either case together, and some other bytes. */
const keyOf = (bytes: Uint8Array, at: number, step: number): number =>
  (bytes[at] ?? 0) |
  ((bytes[at + step] ?? 0) << 8) |
  ((bytes[at + 2 * step] ?? 0) << 16) |
  ((bytes[at + 3 * step] ?? 0) << 24) |
  0x20202020;
