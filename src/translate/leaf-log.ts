import { frame as frameNumber, virtualPage } from '../memory/address.ts';
import { MAY_EXECUTE, MAY_USER, MAY_WRITE } from './entry-rules.ts';
import type { Mapping, MappingState } from './mapping.ts';

/** Bits of `#kinds`: three of permissions, two of state, two of page size. */
const STATES: readonly MappingState[] = ['valid', 'protected', 'transition', 'prototype'];
const STATE_SHIFT = 3;
const SIZES: readonly number[] = [2 ** 12, 2 ** 21, 2 ** 30];
const SIZE_SHIFT = 5;

/** Bounds of what is kept. Shared pages are mapped millions of times; nobody reads that far. */
export interface LogLimits {
  /** Uses of one frame by one space, so that no space can crowd another out. */
  readonly perFrame: number;
  /** Uses of all frames: 17 bytes each. */
  readonly total: number;
  /** Uses that one space gets from large pages and repeated tables, kept or not: bounds the time false tables can cost. */
  readonly perSpace: number;
}

export const LOG_LIMITS: LogLimits = { perFrame: 256, total: 2 ** 22, perSpace: 2 ** 20 };

/** The uses of wanted frames in the order the walk met them: rising by page within a space. No object per use. */
export class LeafLog {
  length = 0;
  /** Uses that a bound kept out. */
  dropped = 0;
  #pages = new Float64Array(1024);
  #frames = new Float64Array(1024);
  #kinds = new Uint8Array(1024);
  /** Uses of each frame by the present space. */
  readonly #uses = new Map<number, number>();
  #expanded = 0;
  readonly #limits: LogLimits;

  constructor(limits: LogLimits) {
    this.#limits = limits;
  }

  /** What follows belongs to another space. */
  beginSpace(): void {
    this.#uses.clear();
    this.#expanded = 0;
  }

  /** To be asked before each use that costs no table entry of its own. False: no more of them in this space. */
  mayExpand(): boolean {
    this.#expanded += 1;
    return this.#expanded <= this.#limits.perSpace;
  }

  page(entry: number): number {
    return this.#pages[entry] ?? 0;
  }

  frame(entry: number): number {
    return this.#frames[entry] ?? 0;
  }

  /** @param permissions - `MAY_…` bits of the whole way */
  add(
    page: number,
    frame: number,
    permissions: number,
    state: MappingState,
    pageBytes: number,
  ): void {
    const kind =
      permissions |
      (STATES.indexOf(state) << STATE_SHIFT) |
      (Math.max(SIZES.indexOf(pageBytes), 0) << SIZE_SHIFT);
    this.#push(page, frame, kind);
  }

  /** Repeats the entries from `start` up to `end`, exclusive, `distance` pages further on. */
  repeat(start: number, end: number, distance: number): void {
    for (let entry = start; entry < end; entry += 1) {
      if (!this.mayExpand()) {
        this.dropped += end - entry;
        return;
      }
      this.#push(this.page(entry) + distance, this.frame(entry), this.#kinds[entry] ?? 0);
    }
  }

  mapping(entry: number, space: number): Mapping {
    const kind = this.#kinds[entry] ?? 0;
    return {
      space,
      page: virtualPage(this.page(entry)),
      frame: frameNumber(this.frame(entry)),
      pageBytes: SIZES[kind >> SIZE_SHIFT] ?? 0,
      isWritable: (kind & MAY_WRITE) !== 0,
      isUser: (kind & MAY_USER) !== 0,
      isExecutable: (kind & MAY_EXECUTE) !== 0,
      state: STATES[(kind >> STATE_SHIFT) & 3] ?? 'valid',
    };
  }

  #push(page: number, frame: number, kind: number): void {
    const uses = this.#uses.get(frame) ?? 0;
    if (uses >= this.#limits.perFrame || this.length >= this.#limits.total) {
      this.dropped += 1;
      return;
    }
    this.#uses.set(frame, uses + 1);
    if (this.length === this.#pages.length) this.#grow();
    this.#pages[this.length] = page;
    this.#frames[this.length] = frame;
    this.#kinds[this.length] = kind;
    this.length += 1;
  }

  #grow(): void {
    const size = this.length * 2;
    const pages = new Float64Array(size);
    const frames = new Float64Array(size);
    const kinds = new Uint8Array(size);
    pages.set(this.#pages);
    frames.set(this.#frames);
    kinds.set(this.#kinds);
    this.#pages = pages;
    this.#frames = frames;
    this.#kinds = kinds;
  }
}
