import { virtual } from '../../memory/address.ts';
import type { AddressSpace } from '../../translate/address-space.ts';

const ENTRY_BYTES = 8n;
const PAGE_MASK = 0xfffn;
/** Pages of entries that are remembered with what is wanted of them: 32 GiB of files. */
const MOST_REMEMBERED = 16_384;
/** Pages of entries looked at for one question: 4 TiB of views. An image can claim far more than it has. */
const MOST_LOOKED_AT = 2 ** 21;

/** A prototype entry that holds a wanted frame. */
export interface WantedEntry {
  /** Kernel address of the entry. */
  readonly entry: bigint;
  readonly frame: number;
}

/**
 * Prototype entries: what a section knows of its pages, in an array in kernel memory. An entry holds a frame as a
 * process' own does (valid, in transition), else it points at the subsection that the page can be read from.
 */
export class Prototypes {
  readonly #space: AddressSpace;
  readonly #word = Buffer.alloc(8);
  /** A page of entries, low half first. */
  readonly #bytes = new Uint8Array(4096);
  readonly #entries = new Uint32Array(this.#bytes.buffer);
  /** For the last question. */
  #isWanted: ((frame: number) => boolean) | null = null;
  readonly #wanted = new Map<bigint, readonly WantedEntry[]>();
  #lookedAt = 0;

  constructor(kernel: AddressSpace) {
    this.#space = kernel;
  }

  /** Frame that the entry at a kernel address holds; -1: none, or the entry is not in RAM. */
  frameOf(entry: bigint): number {
    if (this.#space.read(virtual(entry), this.#word) < this.#word.length) return -1;
    return this.#space.rules.pageFrame(this.#word.readUInt32LE(0), this.#word.readUInt32LE(4));
  }

  /** Entries between two kernel addresses, inclusive, whose frame is wanted. An array is read once for each question. */
  *wantedIn(
    first: bigint,
    last: bigint,
    isWanted: (frame: number) => boolean,
  ): Generator<WantedEntry> {
    if (this.#isWanted !== isWanted) {
      this.#isWanted = isWanted;
      this.#wanted.clear();
      this.#lookedAt = 0;
    }
    for (let page = first & ~PAGE_MASK; page <= last; page += PAGE_MASK + 1n) {
      if (this.#lookedAt >= MOST_LOOKED_AT) return;
      this.#lookedAt += 1;
      for (const found of this.#wantedInPage(page, isWanted)) {
        if (found.entry >= first && found.entry <= last) yield found;
      }
    }
  }

  #wantedInPage(page: bigint, isWanted: (frame: number) => boolean): readonly WantedEntry[] {
    const known = this.#wanted.get(page);
    if (known !== undefined) return known;

    const entries = this.#entries;
    const held = this.#space.read(virtual(page), this.#bytes);
    const { rules } = this.#space;
    const found: WantedEntry[] = [];
    for (let word = 0; word * 4 + 8 <= held; word += 2) {
      const low = entries[word] ?? 0;
      const high = entries[word + 1] ?? 0;
      if ((low | high) === 0) continue;
      const frame = rules.pageFrame(low, high);
      if (frame >= 0 && isWanted(frame)) found.push({ entry: page + BigInt(word * 4), frame });
    }
    if (this.#wanted.size >= MOST_REMEMBERED) this.#wanted.clear();
    this.#wanted.set(page, found);
    return found;
  }
}

/** Address of the entry with this index in an array. */
export const entryAt = (first: bigint, index: number): bigint =>
  first + BigInt(index) * ENTRY_BYTES;
/** Index in an array of the entry at an address. */
export const indexOf = (first: bigint, entry: bigint): number =>
  Number((entry - first) / ENTRY_BYTES);
