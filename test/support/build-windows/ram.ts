import { closeSync, openSync, writeSync } from 'node:fs';
import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { Random } from '../build-image/random.ts';
import type { Stretch } from '../image-writers.ts';

/** A stretch of RAM: first byte and bytes, in whole frames. */
export type RamRun = readonly [start: number, bytes: number];

/** 2 MiB, in frames. */
export const LARGE_FRAMES = 512;

/** Below 4 MiB lies what the boot loader made: System's top table, but no other's. */
const BOOT_FRAMES = 1024;

/** The machine's physical memory: frames handed out at random places, kept only where something was written. */
export class Ram {
  readonly runs: readonly RamRun[];
  /** Frames at and above it do not exist. */
  readonly limit: number;
  /** What a frame holds that was never written: for machines too large to be kept. */
  background: ((frame: number, page: Uint8Array) => void) | null = null;
  readonly #pages: (Buffer | undefined)[] = [];
  readonly #taken: Uint8Array;
  readonly #shuffled: number[];
  /** Frames whose neighbours stay free of other data, so that no text stands there by accident. */
  readonly #lonely: Uint8Array;
  #reserved = { first: 0, count: 0 };

  constructor(runs: readonly RamRun[], random: Random) {
    this.runs = runs.toSorted(([a], [b]) => a - b);
    this.limit = Math.max(...runs.map(([start, bytes]) => start + bytes)) / PAGE_BYTES;
    this.#taken = new Uint8Array(this.limit).fill(1);
    this.#lonely = new Uint8Array(this.limit);
    const frames: number[] = [];
    for (const [start, bytes] of this.runs) {
      const first = start / PAGE_BYTES;
      this.#taken.fill(0, first, first + bytes / PAGE_BYTES);
      for (let frame = first; frame < first + bytes / PAGE_BYTES; frame += 1) {
        if (frame >= BOOT_FRAMES) frames.push(frame);
      }
    }
    this.#shuffled = random.shuffle(frames);
  }

  /** A frame anywhere. */
  take(): number {
    for (let frame = this.#shuffled.pop(); frame !== undefined; frame = this.#shuffled.pop()) {
      if (this.#taken[frame] === 0 && !this.#isNearData(frame)) return this.claim(frame);
    }
    throw new Error(`Cannot take a frame: all ${this.limit} are in use; ask for more ramBytes`);
  }

  /** A frame for text: no neighbour holds another. */
  takeLonely(): number {
    const taken = this.take();
    for (const near of [taken - 1, taken + 1]) {
      if (near >= 0 && near < this.limit) this.#lonely[near] = 1;
    }
    return taken;
  }

  /** `count` neighbouring frames from a multiple of `align`, the lowest above what the boot loader made. */
  takeRun(count: number, align: number): number {
    const isFree = (first: number) =>
      this.#taken.subarray(first, first + count).every((one) => one === 0) &&
      this.#lonely.subarray(first, first + count).every((one) => one === 0);
    const lowest = Math.ceil(BOOT_FRAMES / align) * align;
    for (let first = lowest; first + count <= this.limit; first += align) {
      if (!isFree(first)) continue;
      this.#taken.fill(1, first, first + count);
      return first;
    }
    throw new Error(`Cannot take ${count} neighbouring frames: ask for more ramBytes`);
  }

  /** Keeps room for so many pages of 2 MiB before single frames are strewn over memory. */
  reserveLarge(count: number): void {
    this.#reserved = { first: this.takeRun(count * LARGE_FRAMES, LARGE_FRAMES), count };
  }

  /** `count` neighbouring pages of 2 MiB of the reserve: the first frame. */
  takeLarge(count: number): number {
    const { first, count: left } = this.#reserved;
    if (left < count) throw new Error(`Cannot take ${count} large pages: ${left} are left`);
    this.#reserved = { first: first + count * LARGE_FRAMES, count: left - count };
    return first;
  }

  /** Gives back what nobody took of the reserve. */
  endReserve(): void {
    const { first, count } = this.#reserved;
    this.#taken.fill(0, first, first + count * LARGE_FRAMES);
    this.#reserved = { first: 0, count: 0 };
  }

  claim(frame: number): number {
    if (!this.isRam(frame)) throw new Error(`Cannot use frame ${frame}: it is not RAM`);
    if (this.#taken[frame] !== 0) throw new Error(`Cannot use frame ${frame}: it is in use`);
    this.#taken[frame] = 1;
    return frame;
  }

  isRam(frame: number): boolean {
    const at = frame * PAGE_BYTES;
    return this.runs.some(([start, bytes]) => at >= start && at < start + bytes);
  }

  isTaken(frame: number): boolean {
    return this.#taken[frame] !== 0;
  }

  /** The frame's bytes, to be written. */
  page(frame: number): Buffer {
    const known = this.#pages[frame];
    if (known) return known;
    if (!this.isRam(frame)) throw new Error(`Cannot write frame ${frame}: it is not RAM`);
    const page = Buffer.alloc(PAGE_BYTES);
    this.#pages[frame] = page;
    return page;
  }

  write(at: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const inPage = (at + done) % PAGE_BYTES;
      const part = bytes.subarray(done, done + PAGE_BYTES - inPage);
      this.page(Math.floor((at + done) / PAGE_BYTES)).set(part, inPage);
      done += part.length;
    }
  }

  setU64(at: number, value: bigint): void {
    this.page(Math.floor(at / PAGE_BYTES)).writeBigUInt64LE(
      BigInt.asUintN(64, value),
      at % PAGE_BYTES,
    );
  }

  u64(at: number): bigint {
    return this.page(Math.floor(at / PAGE_BYTES)).readBigUInt64LE(at % PAGE_BYTES);
  }

  /** Memory as stretches, one a run: what image writers take. */
  stretches(): Stretch[] {
    return this.runs.map(([start, bytes]) => ({ start, bytes: this.#bytesOf(start, bytes) }));
  }

  /** The raw image: address = offset, holes as zeros. */
  toBytes(): Uint8Array {
    return this.#bytesOf(0, this.limit * PAGE_BYTES);
  }

  /** The raw image written page by page. */
  toFile(path: string): void {
    const fd = openSync(path, 'w');
    const batch = 256;
    for (let frame = 0; frame < this.limit; frame += batch) {
      const count = Math.min(batch, this.limit - frame);
      writeSync(fd, this.#bytesOf(frame * PAGE_BYTES, count * PAGE_BYTES));
    }
    closeSync(fd);
  }

  #bytesOf(start: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += PAGE_BYTES) {
      const frame = (start + at) / PAGE_BYTES;
      const page = this.#pages[frame];
      if (page) bytes.set(page, at);
      else if (this.background && this.#taken[frame] !== 0 && this.isRam(frame)) {
        this.background(frame, bytes.subarray(at, at + PAGE_BYTES));
      }
    }
    return bytes;
  }

  #isNearData(frame: number): boolean {
    return this.#lonely[frame] !== 0;
  }
}
