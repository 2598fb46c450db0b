import { PAGE_BYTES, physical, type PhysicalAddress } from '../memory/address.ts';
import type { MemoryRun, PhysicalMemory } from '../memory/physical-memory.ts';
import { readRoom } from '../memory/read-room.ts';

/** 16 MiB: the kernel structures of a few hundred processes. */
const DEFAULT_PAGES = 4096;

/** Reads as large as this go past the cache: they would only push out what small reads come back to. */
const BYPASS_BYTES = 16 * PAGE_BYTES;

/** Shorter copies are quicker byte by byte than through a subarray. */
const SHORT_BYTES = 64;

const NO_PAGE = -1;

/** A virtual address as numbers. */
export interface SplitAddress {
  page: number;
  /** Bytes in the page. */
  offset: number;
}

/**
 * Physical memory with its recently used pages kept, for many small reads. Share one among all address spaces of an image.
 *
 * Each page has one place, its number modulo the capacity: nothing is allocated after construction. The image must not change.
 */
export class PageCache implements PhysicalMemory {
  /** Pages that were fetched: to judge the capacity by. */
  misses = 0;
  /** The cached bytes: `locate` says where in them. Valid until the next call of any method. */
  readonly view: DataView;
  readonly #memory: PhysicalMemory;
  readonly #bytes: Uint8Array;
  /** Made when first used: most images are asked for a fraction of the places. */
  readonly #pages: Uint8Array[] = [];
  /** Number of the frame that lies in each place. */
  readonly #frames: Float64Array;
  /** Bytes of it that the image holds: fewer than a page where a run ends inside. */
  readonly #held: Uint16Array;
  readonly #halves = new Uint32Array(2);
  readonly #whole = new BigUint64Array(this.#halves.buffer);
  /** Not a number at first: page numbers pass 31 bits, and a field is compiled as what it held first. */
  readonly #split: SplitAddress = { page: NaN, offset: 0 };

  /** @param most places; fewer where the memory ends before them */
  constructor(memory: PhysicalMemory, most: number = DEFAULT_PAGES) {
    const end = memory.runs.reduce((last, { start, length }) => Math.max(last, start + length), 0);
    const pages = Math.max(1, Math.min(most, Math.ceil(end / PAGE_BYTES)));
    this.#memory = memory;
    this.#bytes = readRoom(pages * PAGE_BYTES);
    this.view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
    this.#frames = new Float64Array(pages).fill(NO_PAGE);
    this.#held = new Uint16Array(pages);
  }

  /** The memory itself if it is cached already, else a small cache over it. */
  static over(memory: PhysicalMemory): PageCache {
    return memory instanceof PageCache ? memory : new PageCache(memory, 256);
  }

  get runs(): readonly MemoryRun[] {
    return this.#memory.runs;
  }

  /** Where in `view` the bytes at a physical address lie; -1 if the image lacks any of them or they cross a page. */
  locate(at: number, length: number): number {
    const offset = at % PAGE_BYTES;
    const place = this.#place((at - offset) / PAGE_BYTES);
    return offset + length > (this.#held[place] ?? 0) ? -1 : place * PAGE_BYTES + offset;
  }

  /** Splits a virtual address without making another bigint of it. Valid until the next call. */
  split(address: bigint): Readonly<SplitAddress> {
    const split = this.#split;
    this.#whole[0] = address;
    const low = this.#halves[0] ?? 0;
    split.page = (this.#halves[1] ?? 0) * 2 ** 20 + (low >>> 12);
    split.offset = low & (PAGE_BYTES - 1);
    return split;
  }

  read(at: PhysicalAddress, into: Uint8Array): number {
    if (into.length >= BYPASS_BYTES) return this.#memory.read(at, into);

    let filled = 0;
    while (filled < into.length) {
      const count = this.copy(at + filled, into, filled, into.length - filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  /** As `read`, but what is not at hand is not kept: for pages that are read once. */
  readOnce(at: PhysicalAddress, into: Uint8Array): number {
    const number = at / PAGE_BYTES;
    const place = number % this.#frames.length;
    const page = this.#frames[place] === number ? this.#pages[place] : undefined;
    const isAtHand = into.length === PAGE_BYTES && this.#held[place] === PAGE_BYTES;
    if (page === undefined || !isAtHand) return this.#memory.read(at, into);
    into.set(page);
    return PAGE_BYTES;
  }

  /** Copies at most up to the end of the page; returns how many bytes: 0 in a hole. */
  copy(at: number, into: Uint8Array, intoOffset: number, length: number): number {
    const offset = at % PAGE_BYTES;
    const place = this.#place((at - offset) / PAGE_BYTES);
    const held = this.#held[place] ?? 0;
    const wanted = Math.min(length, PAGE_BYTES - offset);

    // A run that begins inside this page, after a hole: not kept, so ask the image.
    if (offset >= held) {
      return this.#memory.read(physical(at), into.subarray(intoOffset, intoOffset + wanted));
    }

    const count = Math.min(wanted, held - offset);
    const from = place * PAGE_BYTES + offset;
    if (count > SHORT_BYTES) {
      into.set(this.#bytes.subarray(from, from + count), intoOffset);
    } else {
      for (let n = 0; n < count; n += 1) into[intoOffset + n] = this.#bytes[from + n] ?? 0;
    }
    return count;
  }

  /** Place of a frame, fetched if it is not there. */
  #place(frame: number): number {
    const place = frame % this.#frames.length;
    if (this.#frames[place] !== frame) {
      const page = (this.#pages[place] ??= this.#bytes.subarray(
        place * PAGE_BYTES,
        (place + 1) * PAGE_BYTES,
      ));
      this.misses += 1;
      this.#held[place] = this.#memory.read(physical(frame * PAGE_BYTES), page);
      this.#frames[place] = frame;
    }
    return place;
  }
}
