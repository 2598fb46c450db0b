import {
  type Edge,
  type EdgeIndex,
  HALF,
  halfAt,
  type HalfKind,
  LARGER_HALF,
} from '../scan/edge-index.ts';
import { type Literal, spellings } from '../scan/literal.ts';
import { bucketOf, BUCKETS, EDGE_BYTES } from './edge-section.ts';

/** Whether a page's edge can be one half of a text, by the few bytes that the index keeps of it. */
export class EdgeJudge {
  readonly edge: Edge;
  /** By bucket: 1 where some edge in it can be a half. Of nearly all buckets none can. */
  readonly wanted = new Uint8Array(BUCKETS);
  /**
   * All halves, by the byte nearest the edge: for `Asker.judge`. Of each 16 bytes that an entry must have (the first says
   * what it is, in place of the entry's number), 16 with the bits that do not count, 16 with those that are compared.
   */
  readonly halves: Uint8Array;
  readonly #index: EdgeIndex;
  /** Of each nearest byte the first of its halves, and the number of all. */
  readonly #starts = new Uint32Array(257);
  /** As much of an edge as a half can have. */
  readonly #edge: Uint8Array;

  constructor(index: EdgeIndex, literals: readonly Literal[]) {
    this.#index = index;
    this.edge = index.edge;
    const longest = literals.reduce((most, { bytes }) => Math.max(most, bytes.length), 3);
    this.#edge = new Uint8Array(longest);

    const byNearest = Array.from({ length: 256 }, (): Uint8Array[] => []);
    for (const literal of literals) {
      const { bytes, ignoresCase } = literal;
      for (let length = 1; length < bytes.length; length += 1) {
        const first = index.edge === 'head' ? bytes.length - length : length - 1;
        const half = halfBytes(literal, first, length, index.edge);
        const second = length === 1 ? undefined : bytes[first + (index.edge === 'head' ? 1 : -1)];
        for (const nearest of spellings(bytes[first], ignoresCase)) {
          byNearest[nearest]?.push(half);
          for (const next of spellings(second, ignoresCase)) {
            this.wanted[bucketOf(nearest, next)] = 1;
          }
        }
      }
    }
    this.halves = Buffer.concat(byNearest.flat());
    for (const [nearest, halves] of byNearest.entries()) {
      this.#starts[nearest + 1] = (this.#starts[nearest] ?? 0) + halves.length;
    }
  }

  /** Halves with this nearest byte, where all lie from `base` on. */
  halvesWith(nearest: number, base: number): { at: number; count: number } {
    const first = this.#starts[nearest] ?? 0;
    return { at: base + first * HALF_BYTES, count: (this.#starts[nearest + 1] ?? 0) - first };
  }

  /** Says it by the edge itself, which `read` fills: as much of it as a half can have. Where it cannot, nobody can say no. */
  half(read: (edge: Uint8Array) => boolean): HalfKind {
    return read(this.#edge) ? this.halfOf(this.#edge) : LARGER_HALF;
  }

  /** The same, of a page's bytes at this edge: three at least. */
  halfOf(edge: Uint8Array): HalfKind {
    const nearest = this.edge === 'head' ? 0 : edge.length - 1;
    return halfAt(this.#index, edge, nearest, edge.length);
  }
}

/** Of a half that is longer than what is kept, so much more: its edge must be read. */
const LONG = 2;
const HALF_BYTES = 48;
/** Entries begin with the number of their page. */
const NUMBER_BYTES = 4;
const CASE_BIT = 0x20;

/** @param first the byte nearest the edge */
function halfBytes(
  { bytes, ignoresCase }: Literal,
  first: number,
  length: number,
  edge: Edge,
): Uint8Array {
  const half = new Uint8Array(HALF_BYTES);
  const kind = 2 * length >= bytes.length ? LARGER_HALF : HALF;
  half[0] = kind + (length > EDGE_BYTES ? LONG : 0);
  const step = edge === 'head' ? 1 : -1;
  const most = Math.min(length, EDGE_BYTES);
  for (let inwards = 1; inwards < most; inwards += 1) {
    const byte = bytes[first + inwards * step] ?? 0;
    const place = NUMBER_BYTES + inwards - 1;
    half[place] = byte;
    half[16 + place] = ignoresCase && spellings(byte, true).length > 1 ? CASE_BIT : 0;
    half[32 + place] = 0xff;
  }
  return half;
}
