import type { MemoryRun } from '../../../src/memory/physical-memory.ts';
import { PAGE_BYTES, physical } from '../../../src/memory/address.ts';
import type { Random } from './random.ts';

/** What the kernel's books are to say about a frame; written into the array of struct page at the end. */
export type FrameBook =
  | { readonly kind: 'reserved' | 'kernel' | 'free' | 'buddy' }
  /** mm_struct of a process' top table; null for the others. */
  | { readonly kind: 'table'; readonly mm: bigint | null }
  | { readonly kind: 'slab'; readonly head: number }
  | DataBook;

/** A frame that belongs to processes or files. */
export interface DataBook {
  readonly kind: 'anonymous' | 'file' | 'shared-memory';
  /** anon_vma or address_space. */
  readonly mapping: bigint;
  /** In pages: of the file, or of the address space for anonymous memory. */
  readonly index: number;
  mappings: number;
  /** First frame of the 2 MiB page that it is part of. */
  readonly head: number | null;
}

/** Bytes that are not RAM: [first byte, bytes]. */
export type Hole = readonly [start: number, length: number];

/** The machine's physical memory, its frames handed out at random places. */
export class Ram {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly frames: number;
  readonly runs: readonly MemoryRun[];
  readonly books = new Map<number, FrameBook>();
  readonly #taken: Uint8Array;
  readonly #shuffled: number[];
  /** Frames whose neighbours stay free of other data, so that no text stands there by accident. */
  readonly #lonely = new Set<number>();

  constructor(size: number, holes: readonly Hole[], random: Random) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.frames = size / PAGE_BYTES;
    this.#taken = new Uint8Array(this.frames);
    this.runs = runsBetween(holes, size);
    for (const [start, length] of holes) {
      this.#taken.fill(1, start / PAGE_BYTES, (start + length) / PAGE_BYTES);
    }
    this.#shuffled = random.shuffle(Array.from({ length: this.frames }, (_, frame) => frame));
  }

  isTaken(frame: number): boolean {
    return this.#taken[frame] !== 0;
  }

  isHole(frame: number): boolean {
    const at = frame * PAGE_BYTES;
    return !this.runs.some(({ start, length }) => at >= start && at < start + length);
  }

  /** A frame for data of a process or a file: no neighbour of another one, while there is room. */
  takeLonely(): number {
    const isLonely = (frame: number): boolean =>
      !this.#lonely.has(frame - 1) && !this.#lonely.has(frame + 1);
    const frame = this.#shuffled.find((one) => !this.isTaken(one) && isLonely(one));
    const taken = this.claim(frame ?? this.take());
    this.#lonely.add(taken);
    return taken;
  }

  take(): number {
    for (let frame = this.#shuffled.pop(); frame !== undefined; frame = this.#shuffled.pop()) {
      if (!this.isTaken(frame) && !this.#lonely.has(frame)) return this.claim(frame);
    }
    throw new Error(`Cannot take a frame: all ${this.frames} are in use; ask for more ramBytes`);
  }

  /** Neighbouring frames; the first one's number is a multiple of `align`. */
  takeRun(count: number, align: number): number {
    const starts = this.#shuffled.filter((frame) => frame % align === 0);
    const isFree = (start: number): boolean =>
      start + count <= this.frames && !this.#taken.subarray(start, start + count).some(Boolean);
    const start = starts.find(isFree);
    if (start === undefined) {
      throw new Error(`Cannot take ${count} neighbouring frames: ask for more ramBytes`);
    }
    this.#taken.fill(1, start, start + count);
    return start;
  }

  /** One frame by its number. Claiming it twice is allowed: two regions may be told to share it. */
  claim(frame: number): number {
    if (frame < 0 || frame >= this.frames || this.isHole(frame)) {
      throw new Error(`Cannot use frame ${frame}: it is not RAM`);
    }
    this.#taken[frame] = 1;
    return frame;
  }

  write(at: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, at);
  }
}

function runsBetween(holes: readonly Hole[], size: number): MemoryRun[] {
  const runs: MemoryRun[] = [];
  let start = 0;
  for (const [hole, length] of [...holes.toSorted(([a], [b]) => a - b), [size, 0] as const]) {
    if (hole > start)
      runs.push({ start: physical(start), length: hole - start, fileOffset: start });
    start = hole + length;
  }
  return runs;
}
