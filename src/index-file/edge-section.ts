import { PAGE_BYTES } from '../memory/address.ts';
import type { Edge } from '../scan/edge-index.ts';
import { checksum } from './checksum.ts';
import { writeAll } from './group-writer.ts';

/** Of each signed page so many bytes are kept at either edge: they tell where a text may run on. */
export const EDGE_BYTES = 13;
/** Pages whose edges lie in one section: what one thread gathers before it is written. */
export const SECTION_PAGES = 2 ** 18;
/** By the byte nearest the edge and the upper half of the second: a question looks into a few of them. */
export const BUCKETS = 4096;
/** Number of the page, then the second to the thirteenth byte from the edge inwards. The first is the bucket's. */
export const ENTRY_WORDS = 4;

/**
 * One edge of pages in the index file, sorted, so that a question reads only those that can be half of what it asks for:
 *
 * where each bucket ends, in entries, u32 × buckets | checksum of each u32 × buckets | entries
 */
export interface EdgeSection {
  readonly edge: Edge;
  readonly pages: number;
  /** In the file. */
  readonly offset: number;
  /** Of all that lies before the entries. */
  readonly sum: number;
}

/** Bytes of a section before its entries. */
export const DIRECTORY_BYTES = 2 * BUCKETS * 4;

export const edgeBytes = ({ pages }: Pick<EdgeSection, 'pages'>): number =>
  DIRECTORY_BYTES + pages * ENTRY_WORDS * 4;

/** Four bytes of a page as one number, the first lowest. `step`: 1 or -1, inwards. */
export const fourBytes = (bytes: Uint8Array, first: number, step: number): number =>
  ((bytes[first] ?? 0) |
    ((bytes[first + step] ?? 0) << 8) |
    ((bytes[first + 2 * step] ?? 0) << 16) |
    ((bytes[first + 3 * step] ?? 0) << 24)) >>>
  0;

/** The bucket of an edge with these two bytes. */
export const bucketOf = (nearest: number, second: number): number => (nearest << 4) | (second >> 4);

/** The byte nearest the edge that all in a bucket have. */
export const nearestOf = (bucket: number): number => bucket >> 4;

/** One edge of pages that are not written yet. */
export class EdgeCollector {
  readonly #edge: Edge;
  readonly #most: number;
  readonly #entries: Uint32Array;
  readonly #buckets: Uint16Array;
  #count = 0;

  /** @param pages no more than these will come */
  constructor(edge: Edge, pages: number) {
    this.#edge = edge;
    this.#most = Math.min(pages, SECTION_PAGES);
    this.#entries = new Uint32Array(this.#most * ENTRY_WORDS);
    this.#buckets = new Uint16Array(this.#most);
  }

  get isFull(): boolean {
    return this.#count === this.#most;
  }

  add(number: number, page: Uint8Array): void {
    const isHead = this.#edge === 'head';
    const nearest = isHead ? 0 : PAGE_BYTES - 1;
    const step = isHead ? 1 : -1;
    const at = this.#count * ENTRY_WORDS;
    this.#buckets[this.#count] = bucketOf(page[nearest] ?? 0, page[nearest + step] ?? 0);
    this.#entries[at] = number;
    for (let word = 1; word < ENTRY_WORDS; word += 1) {
      this.#entries[at + word] = fourBytes(page, nearest + (4 * word - 3) * step, step);
    }
    this.#count += 1;
  }

  /** Writes what came since the last time; null where nothing did. */
  write(fd: number, claim: (bytes: number) => number): EdgeSection | null {
    const pages = this.#count;
    if (pages === 0) return null;
    const bytes = new Uint8Array(edgeBytes({ pages }));
    const directory = new Uint32Array(bytes.buffer, 0, 2 * BUCKETS);
    this.#sort(directory, new Uint32Array(bytes.buffer, DIRECTORY_BYTES));
    this.#count = 0;
    const offset = claim(bytes.length);
    writeAll(fd, bytes, offset);
    return { edge: this.#edge, pages, offset, sum: checksum(directory) };
  }

  /** By bucket, and within one as they came. */
  #sort(directory: Uint32Array, sorted: Uint32Array): void {
    const places = new Uint32Array(BUCKETS);
    for (let entry = 0; entry < this.#count; entry += 1) {
      const bucket = this.#buckets[entry] ?? 0;
      places[bucket] = (places[bucket] ?? 0) + 1;
    }
    for (let bucket = 0, start = 0; bucket < BUCKETS; bucket += 1) {
      const end = start + (places[bucket] ?? 0);
      places[bucket] = start;
      directory[bucket] = end;
      start = end;
    }
    for (let entry = 0; entry < this.#count; entry += 1) {
      const bucket = this.#buckets[entry] ?? 0;
      const place = places[bucket] ?? 0;
      places[bucket] = place + 1;
      for (let word = 0; word < ENTRY_WORDS; word += 1) {
        sorted[place * ENTRY_WORDS + word] = this.#entries[entry * ENTRY_WORDS + word] ?? 0;
      }
    }
    for (let bucket = 0, start = 0; bucket < BUCKETS; bucket += 1) {
      const end = directory[bucket] ?? 0;
      directory[BUCKETS + bucket] = checksum(
        sorted,
        start * ENTRY_WORDS,
        (end - start) * ENTRY_WORDS,
      );
      start = end;
    }
  }
}
