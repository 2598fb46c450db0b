import type { FrameQuestion } from '../engine/engine.ts';
import { ASKER_BINARY } from './asker-binary.ts';
import { damaged, type IndexFile } from './index-file.ts';
import { GROUP_PAGES, rowBytes } from './signature.ts';

/**
 * What a question reads of an index, and the loops that go through it, in WebAssembly: assembly/asker.ts. All places are bytes
 * of one memory: pages with a half (before halves are judged: those found), with a larger half, a bit each | two rows | room.
 */
export class Asker {
  readonly places: {
    readonly half: number;
    readonly larger: number;
    readonly found: number;
    readonly left: number;
    readonly room: number;
  };
  /** Of a set of pages. */
  readonly setBytes: number;
  readonly #pages: number;
  readonly #memory: InstanceType<typeof WebAssembly.Memory>;
  readonly #core: Core;
  #bytes: Uint8Array;
  #words: Uint32Array;

  /** @param pages of the image */
  constructor(pages: number) {
    const setBytes = Math.ceil(pages / 128) * 16;
    const row = rowBytes(GROUP_PAGES);
    const found = 2 * setBytes;
    this.places = {
      half: 0,
      larger: setBytes,
      found,
      left: found + row,
      room: found + 2 * row,
    };
    this.setBytes = setBytes;
    this.#pages = pages;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(this.places.room / WASM_PAGE) });
    compiled ??= new WebAssembly.Module(Buffer.from(ASKER_BINARY, 'base64'));
    this.#core = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } }).exports;
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
  }

  /** The memory; another one after `haveRoom`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** Makes so many bytes usable from `places.room` on; those that were keep what they hold. */
  haveRoom(bytes: number): void {
    const missing = this.places.room + bytes - this.#bytes.length;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil(Math.max(missing, this.#bytes.length / 2) / WASM_PAGE));
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
  }

  /** Reads bytes of the index to a place. */
  read(file: IndexFile, offset: number, at: number, length: number): void {
    file.read(offset, this.#bytes, at, length);
  }

  /** @throws IndexFault where the words do not have this checksum */
  check(at: number, words: number, sum: number | undefined): void {
    if (this.#core.checksum(at, words) >>> 0 !== sum) throw damaged();
  }

  /** The row `left`, before any is narrowed down: all pages. */
  startRow(bytes: number): void {
    this.#bytes.fill(0xff, this.places.left, this.places.left + bytes);
  }

  /** Takes from the row `left` what one of these rows (four at most) has not; returns how many pages are left. */
  narrow(bytes: number, rows: readonly number[]): number {
    const [one = 0, two = one, three = one, four = one] = rows;
    return this.#core.narrow(this.places.left, bytes, one, two, three, four);
  }

  /** Adds the row `left` to `found`. */
  keepRow(bytes: number): void {
    this.#core.join(this.places.found, bytes, this.places.left);
  }

  /** How many pages are in the row `found`. */
  countFound(bytes: number): number {
    return this.#core.sizeOf(this.places.found, bytes);
  }

  /**
   * Adds the pages of the row `found` to the set `half`, by their numbers, which lie in this memory.
   *
   * @throws IndexFault where a number is none of the image's
   */
  gather(numbers: Uint32Array): void {
    const { found, half } = this.places;
    if (!this.#core.gather(found, numbers.byteOffset, numbers.length, this.#pages, half))
      throw damaged();
  }

  /** The set of pages at a place. */
  pagesAt(place: number): Uint32Array {
    return this.#words.slice(place / 4, place / 4 + Math.ceil(this.#pages / 32));
  }

  /** Pages of either set. Uses the room. */
  joined(one: Uint32Array, other: Uint32Array): Uint32Array {
    const row = this.places.room;
    this.haveRoom(2 * this.setBytes);
    this.#words.set(one, row / 4);
    this.#words.set(other, (row + this.setBytes) / 4);
    this.#core.join(row, this.setBytes, row + this.setBytes);
    return this.pagesAt(row);
  }

  /**
   * Judges entries of edges by halves (as `EdgeJudge` has them): adds pages to the sets.
   *
   * @param open where the indices of entries are put whose edges must be read
   * @returns how many these are
   * @throws IndexFault where a page is none of the image's
   */
  judge(
    entries: number,
    count: number,
    halves: { readonly at: number; readonly count: number },
    open: number,
  ): number {
    const { half, larger } = this.places;
    const opened = this.#core.judge(
      entries,
      count,
      halves.at,
      halves.count,
      this.#pages,
      half,
      larger,
      open,
    );
    if (opened < 0) throw damaged();
    return opened;
  }

  /** Pages whose end and the next one's beginning are halves, one of them a larger one. Uses the room. */
  crossing(tail: Uint32Array, head: Uint32Array, larger: Uint32Array): Uint32Array {
    const at = this.#putSets([tail, head, larger, new Uint32Array(tail.length)]);
    const [tailAt = 0, headAt = 0, largerAt = 0, crossingAt = 0] = at;
    this.#core.cross(tail.byteLength, headAt, tailAt, largerAt, crossingAt);
    return this.#words.slice(crossingAt / 4, crossingAt / 4 + tail.length);
  }

  /** How many pages there are in a set. Uses the room. */
  sizeOf(set: Uint32Array): number {
    const [at = 0] = this.#putSets([set]);
    return this.#core.sizeOf(at, set.byteLength);
  }

  /** Puts the sets of a question to a place in the room. */
  putQuestion({ interest, tails, heads }: FrameQuestion, at: number): QuestionSets {
    const limit = Math.max(interest.limit, tails.limit, heads.limit);
    // As `join` wants them.
    const bytes = Math.ceil(limit / 128) * 16;
    this.haveRoom(at + 4 * bytes - this.places.room);
    for (const [number, { words }] of [interest, tails, heads, interest].entries()) {
      const place = (at + number * bytes) / 4;
      this.#words.fill(0, place, place + bytes / 4).set(words, place);
    }
    this.#core.join(at + 3 * bytes, bytes, at + bytes);
    return { limit, at, bytes };
  }

  /** Where so many bytes can be put behind the sets, with room behind them for what `rows` lists. */
  roomFor(bytes: number, sets: QuestionSets): number {
    const at = Math.ceil((sets.at + 4 * sets.bytes) / 8) * 8;
    this.haveRoom(at + 2 * bytes - this.places.room);
    return at;
  }

  /**
   * Rows of a block of an owner table whose frames are asked for, and those of tails that the next row's head may follow; that
   * can be of another space.
   *
   * @param block where its columns lie, and how many rows it has, with another one behind them
   */
  rows(
    { pages, frames, count }: { pages: number; frames: number; count: number },
    { limit, at, bytes }: QuestionSets,
  ): { asked: Uint32Array; joints: Uint32Array } {
    const [tails, heads, either] = [at + bytes, at + 2 * bytes, at + 3 * bytes];
    // Behind the kinds.
    const list = Math.ceil((frames + (count + 1) * 5) / 8) * 8;
    const joints = list + 4 * count;
    const found = this.#core.rows(
      frames,
      pages,
      count,
      limit,
      at,
      tails,
      heads,
      either,
      list,
      joints,
    );
    const taken = (from: number, length: number): Uint32Array =>
      this.#words.slice(from / 4, from / 4 + length);
    return { asked: taken(list, found), joints: taken(joints, this.#core.jointCount()) };
  }

  #putSets(sets: readonly Uint32Array[]): readonly number[] {
    this.haveRoom(sets.reduce((bytes, { byteLength }) => bytes + byteLength, 0));
    let at = this.places.room;
    return sets.map((set) => {
      this.#words.set(set, at / 4);
      at += set.byteLength;
      return at - set.byteLength;
    });
  }
}

/** Sets of a question in memory: asked, tails, heads, and asked or tails. */
export interface QuestionSets {
  /** Frames that they have a bit for. */
  readonly limit: number;
  readonly at: number;
  /** Of one of them. */
  readonly bytes: number;
}

/** Of the loops: made once. */
let compiled: object | null = null;

const WASM_PAGE = 65_536;

/** What assembly/asker.ts exports. */
interface Core {
  checksum(at: number, words: number): number;
  narrow(
    left: number,
    bytes: number,
    one: number,
    two: number,
    three: number,
    four: number,
  ): number;
  join(into: number, bytes: number, row: number): void;
  gather(row: number, numbers: number, count: number, pages: number, set: number): number;
  judge(
    entries: number,
    count: number,
    halves: number,
    halfCount: number,
    pages: number,
    half: number,
    larger: number,
    open: number,
  ): number;
  cross(bytes: number, head: number, tail: number, larger: number, crossing: number): void;
  sizeOf(set: number, bytes: number): number;
  rows(
    frames: number,
    pages: number,
    count: number,
    limit: number,
    asked: number,
    tails: number,
    heads: number,
    either: number,
    list: number,
    joints: number,
  ): number;
  jointCount(): number;
}

/** The part of it used here: the typings of Node 20 leave it to those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Core };
};
