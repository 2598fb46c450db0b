import { PAGE_BYTES } from '../memory/address.ts';
import type { Edge, EdgeIndex } from './edge-index.ts';
import { PAGE_SETS, type SieveListed, type SievePages } from '../machine-code/machine-code.ts';
import type { SieveIndex } from './sieve-index.ts';
import { SET_BYTES } from './window-filter.ts';

/**
 * A look at a block by machine code: finds what a matcher, probes and shapes would find, and tells page edges as
 * `EdgeMarker` does.
 */
export class Sieve {
  /** Where the bytes to look at are put. */
  readonly bytes: Uint8Array;
  /** The pages looked at last, a bit each from the first on. */
  readonly sets: Readonly<Record<(typeof PAGE_SETS)[number], Uint32Array>>;
  private readonly sievePages: SievePages;
  private readonly memory: ArrayBuffer;
  private readonly reach: number;
  private readonly tables: number;
  private readonly base: number;
  /** What was found last: the number, then what and where. */
  private readonly list: Uint32Array;

  /** @param capacity length of `bytes`, a multiple of the page size */
  constructor(
    sievePages: SievePages,
    index: SieveIndex,
    edges: Readonly<Record<Edge, EdgeIndex>>,
    capacity: number,
  ) {
    const layout = layOut(index, edges, capacity);
    this.sievePages = sievePages;
    this.memory = new ArrayBuffer(layout.end);
    this.reach = index.reach;
    this.tables = layout.tables;
    this.base = layout.bytes;
    for (const [at, table] of layout.placed) {
      new Uint8Array(this.memory, at, table.byteLength).set(
        new Uint8Array(table.buffer, table.byteOffset, table.byteLength),
      );
    }
    this.bytes = new Uint8Array(this.memory, layout.bytes, capacity);
    this.list = new Uint32Array(this.memory, layout.found, 1 + 2 * MOST_FOUND);
    const words = setBytes(capacity) / 4;
    const set = (number: number): Uint32Array =>
      new Uint32Array(this.memory, layout.sets + number * 4 * words, words);
    this.sets = { crowded: set(0), heads: set(1), tails: set(2), larger: set(3) };
  }

  /**
   * Looks at the whole pages [from, until) of `bytes`, which hold what is known up to `end`: fills `sets`, and
   * finds what begins there (but for pages that are crowded).
   *
   * @param firstFrame that of the page at `from`
   */
  look(from: number, until: number, end: number, firstFrame: number): void {
    const { base } = this;
    this.sievePages(
      this.memory,
      this.tables,
      this.reach,
      base + from,
      base + until,
      base + end,
      firstFrame,
    );
  }

  /** Looks at pages of a file, as `SieveListed` says, on another thread: nothing else may be asked of it meanwhile. */
  lookAtListed(sieveListed: SieveListed, fd: number, ...listed: Listed): Promise<void> {
    const { memory, tables, base, bytes } = this;
    return sieveListed(memory, tables, base, base + bytes.length, fd, ...listed);
  }

  /** How many literals and shapes were found. */
  get foundCount(): number {
    return this.list[0] ?? 0;
  }

  /** Whether that is all there is room for: pages that show more are `crowded`. */
  get isFull(): boolean {
    return this.foundCount === MOST_FOUND;
  }

  /** Whether the page there shows more than was found. @param at bytes behind the first page looked at */
  isCrowded(at: number): boolean {
    const page = Math.floor(at / PAGE_BYTES);
    return (((this.sets.crowded[page >>> 5] ?? 0) >>> (page & 31)) & 1) !== 0;
  }

  /** The number of a literal, or one of `SHAPES_FOUND`. */
  what(number: number): number {
    return this.list[1 + 2 * number] ?? 0;
  }

  /** Where in `bytes`. */
  where(number: number): number {
    return (this.list[2 + 2 * number] ?? 0) - this.base;
  }

  /** Whether a page of zeros among such pages holds something, or half of it. Overwrites `bytes`. */
  showsZeros(): boolean {
    this.bytes.fill(0, 0, 2 * PAGE_BYTES);
    this.look(0, PAGE_BYTES, 2 * PAGE_BYTES, 0);
    return this.foundCount > 0 || Object.values(this.sets).some((set) => set[0] !== 0);
  }
}

type Listed = [pages: Uint32Array, stretches: Float64Array, stop: Uint8Array];

/** Keys reach over both ends of the bytes; what stands there belongs to no occurrence. */
const MARGIN_BYTES = 64;
/** Places of a stride of sieve.h: four bytes for every second byte, and some that are written beyond. */
const QUEUE_BYTES = 2 * 8 * PAGE_BYTES + 4 * MARGIN_BYTES;

/** Whole words for the pages of so many bytes. */
const setBytes = (capacity: number): number => Math.ceil(capacity / PAGE_BYTES / 32) * 4;

/** Of a block; nearly all hold nothing, and one that holds more is looked at by others. */
const MOST_FOUND = 4096;

interface Layout {
  readonly placed: readonly (readonly [number, ArrayBufferView])[];
  readonly tables: number;
  readonly sets: number;
  readonly found: number;
  readonly bytes: number;
  readonly end: number;
}

/** Where everything lies. */
function layOut(
  index: SieveIndex,
  edges: Readonly<Record<Edge, EdgeIndex>>,
  capacity: number,
): Layout {
  const placed: [number, ArrayBufferView][] = [];
  let end = MARGIN_BYTES;
  const room = (length: number): number => {
    const at = end;
    end = Math.ceil((at + length) / MARGIN_BYTES) * MARGIN_BYTES;
    return at;
  };
  const place = (table: ArrayBufferView, more = 0): number => {
    const at = room(table.byteLength + more);
    placed.push([at, table]);
    return at;
  };
  const placeEdge = ({ isNear, isMore, near, heads, halves }: EdgeIndex): number[] =>
    [isNear, isMore, near, heads, halves].map((table) => place(table));

  const sets = index.windows.length / SET_BYTES;
  // In the order of `struct tables`.
  const pageSets = room(PAGE_SETS.length * setBytes(capacity));
  const found = room(4 + 8 * MOST_FOUND);
  const numbers = [
    room(QUEUE_BYTES),
    pageSets,
    setBytes(capacity),
    found,
    MOST_FOUND,
    place(index.windows, sets),
    sets,
    place(index.rows),
    index.rowBits,
    Number(index.seeksZeros),
    place(index.fourMarks),
    place(index.middleMarks),
    place(index.wideMarks),
    place(index.longMarks),
    place(index.shortMarks),
    index.markShift,
    place(index.heads),
    index.hashShift,
    place(index.entries),
    index.anyHead,
    place(index.literals.rows),
    place(index.literals.texts),
    ...placeEdge(edges.head),
    ...placeEdge(edges.tail),
  ];
  const tables = place(Uint32Array.from(numbers));
  // Not near a page's start, for the reason told in ../memory/read-room.ts.
  end = Math.ceil(end / PAGE_BYTES) * PAGE_BYTES + PAGE_BYTES / 4;
  const bytes = room(capacity + MARGIN_BYTES);
  return { placed, tables, sets: pageSets, found, bytes, end };
}
