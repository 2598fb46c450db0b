import { PAGE_BYTES, physical, type PhysicalAddress } from '../../src/memory/address.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { ENTRY_BYTES, TABLE_ENTRIES, type PagingMode } from '../../src/translate/levels.ts';

/** Bits of an entry, by the Intel manual; PROT_NONE is Linux'. */
export const PRESENT = 1n;
export const WRITE = 1n << 1n;
export const USER = 1n << 2n;
export const LARGE = 1n << 7n;
export const PROT_NONE = 1n << 8n;
export const NO_EXECUTE = 1n << 63n;
export const TABLE_BITS = PRESENT | WRITE | USER;

/** Page tables in the making, in a memory of their own: tables from frame 1 up, pages wherever the test says. */
export class PageTables {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #mode: PagingMode;
  #nextTable = 1;

  constructor(mode: PagingMode, frames: number) {
    this.#mode = mode;
    this.bytes = new Uint8Array(frames * PAGE_BYTES);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** A new, empty table; its frame. */
  table(): number {
    const frame = this.#nextTable;
    this.#nextTable += 1;
    return frame;
  }

  root(): PhysicalAddress {
    return physical(this.table() * PAGE_BYTES);
  }

  /** Maps a page of the size of `level` (by name), making the tables on the way. `bits`: everything but the frame. */
  map(root: PhysicalAddress, address: bigint, frame: number, bits: bigint, level = 'PT'): void {
    const isPresent = (bits & PRESENT) !== 0n;
    const field = (BigInt(isPresent ? frame : ~frame) & 0xff_ffff_ffffn) << 12n;
    this.setEntry(root, address, field | bits, level);
  }

  /** Puts any value into the entry of an address at one level. */
  setEntry(root: PhysicalAddress, address: bigint, value: bigint, level: string): void {
    let table: number = root;
    for (const { name, shift } of this.#mode.levels) {
      const index = Number((address >> BigInt(shift)) & BigInt(TABLE_ENTRIES - 1));
      const at = table + index * ENTRY_BYTES;
      if (name === level) {
        this.#view.setBigUint64(at, value, true);
        return;
      }
      if (this.#view.getBigUint64(at, true) === 0n) {
        this.#view.setBigUint64(at, BigInt(this.table() * PAGE_BYTES) | TABLE_BITS, true);
      }
      table = Number(this.#view.getBigUint64(at, true) & 0x000f_ffff_ffff_f000n);
    }
    throw new RangeError(`Cannot set an entry: ${this.#mode.name} has no level "${level}"`);
  }

  /** The memory, with the bytes of `holes` (frames) not captured. */
  memory(holes: readonly number[] = []): PhysicalMemory {
    return memoryOf(this.bytes, holes);
  }
}

/** Physical memory from address 0, in which some frames are missing. Counts how many bytes were asked for. */
export function memoryOf(
  bytes: Uint8Array,
  holes: readonly number[] = [],
): PhysicalMemory & { readonly asked: number } {
  const edges = [...new Set(holes)].toSorted((a, b) => a - b);
  const runs = [-1, ...edges].map((hole, n) => {
    const start = (hole + 1) * PAGE_BYTES;
    const end = Math.min((edges[n] ?? Infinity) * PAGE_BYTES, bytes.length);
    return { start: physical(start), length: end - start, fileOffset: start };
  });
  let asked = 0;
  return {
    runs: runs.filter(({ length }) => length > 0),
    read(at, into) {
      asked += into.length;
      const run = runs.find(({ start, length }) => at >= start && at < start + length);
      if (run === undefined) return 0;
      const part = bytes.subarray(at, Math.min(at + into.length, run.start + run.length));
      into.set(part);
      return part.length;
    },
    get asked() {
      return asked;
    },
  };
}
