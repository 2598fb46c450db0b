import { PAGE_BYTES } from '../memory/address.ts';
import { KEY_SHAPES, SHORT_BIT } from './key-window.ts';
import type { LiteralIndex } from './literal-index.ts';
import { MATCHER_BINARY } from './matcher-binary.ts';
import type { Found, Matcher } from './matcher.ts';
import { NATIVE_SETS, type NativeLook } from './native/native-look.ts';
import { PAGE_PROBES } from './page-probe.ts';
import { SET_BYTES } from './window-filter.ts';

/**
 * The matcher in WebAssembly with SIMD: assembly/matcher.ts.
 *
 * @param native does its loops over every byte in its place, where this machine can
 */
export function wasmMatcher(
  index: LiteralIndex,
  capacity: number,
  native: NativeLook | null = null,
): Matcher {
  const layout = layOut(index, capacity);
  const sets = index.windows.length / SET_BYTES;
  // More sets than can be looked at here are left alone: the tables of pairs say the same.
  const windowSets = sets <= (native ? NATIVE_SETS : 1) ? sets : 0;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(layout.end / WASM_PAGE_BYTES) });
  const core = coreOf(memory);
  for (const [at, table] of layout.tables) {
    new Uint8Array(memory.buffer, at, table.byteLength).set(
      new Uint8Array(table.buffer, table.byteOffset, table.byteLength),
    );
  }
  core.prepare(
    layout.shapes,
    SHORT_BIT,
    layout.wideMarks,
    layout.longMarks,
    layout.shortMarks,
    layout.heads,
    index.hashShift,
    layout.entries,
    index.shortHead,
    layout.literals,
    layout.texts,
    windowSets > 0 && !native ? layout.windows : 0,
    layout.queue,
    layout.output,
    layout.outputFull,
  );

  const { bytes: base } = layout;
  const output = new DataView(memory.buffer, layout.output);
  const view = new DataView(memory.buffer);
  const isWindowed = windowSets > 0;
  const before = new Uint8Array(memory.buffer, layout.windows + index.windows.length, VECTOR_BYTES);
  const tell = (count: number, found: Found): void => {
    for (let record = 0; record < count * RECORD_BYTES; record += RECORD_BYTES) {
      found(output.getUint32(record, true), output.getUint32(record + 4, true) - base);
    }
  };
  /** Returns the address that it came to: less than 64 bytes before `last`. */
  const matchNatively = (
    { findWindows, findPairs }: NativeLook,
    first: number,
    last: number,
    bounds: readonly [number, number, number],
    found: Found,
  ): number => {
    before.fill(0);
    let at = first;
    for (let end = at; at + NATIVE_STEP <= last; at = end) {
      end = at + Math.floor(Math.min(last - at, LOOK_BYTES) / NATIVE_STEP) * NATIVE_STEP;
      const places = isWindowed
        ? findWindows(memory.buffer, at, end, layout.queue, layout.windows, windowSets)
        : findPairs(memory.buffer, at, end, layout.queue, 0, 0);
      const count = places === 0 ? 0 : core.markedPlaces(places);
      for (let number = 0; number < count; number = core.stoppedAt.value) {
        tell(core.lookUpPlaces(number, count, ...bounds), found);
      }
    }
    // The last window's first two bytes wait for those behind them.
    return isWindowed ? Math.max(first, at - 2) : at;
  };
  return {
    bytes: new Uint8Array(memory.buffer, base, capacity),
    match(from, until, end, found) {
      const last = base + Math.min(end, until + index.reach);
      // Half a pair may lie one byte before the literal.
      let at = base + Math.max(0, (from - 1) & ~1);
      const bounds = [base + from, base + until, base + end] as const;
      if (native) at = matchNatively(native, at, last, bounds, found);
      while (at < last) {
        tell(core.match(at, last, ...bounds), found);
        at = core.stoppedAt.value;
      }
    },
    probe(name, from, until, found) {
      const last = base + until;
      if (native) {
        for (let at = base + from; at + PAGE_BYTES <= last; at += LOOK_BYTES) {
          const end = Math.min(last, at + LOOK_BYTES);
          const count = native.listHeads(memory.buffer, at, end, layout.queue, 0, 0);
          for (let record = 0; record < count; record += 1) {
            const place = view.getUint32(layout.queue + record * 4, true);
            if (PAGE_PROBES[name](view, place)) found(place - base);
          }
        }
        return;
      }
      for (let at = base + from; at + PAGE_BYTES <= last; at = core.stoppedAt.value) {
        const count = core.listHeads(at, last);
        for (let record = 0; record < count; record += 1) {
          const place = output.getUint32(record * 4, true);
          if (PAGE_PROBES[name](view, place)) found(place - base);
        }
      }
    },
  };
}

/** Whether this machine's WebAssembly knows the matcher's instructions. */
export const isWasmSupported = (): boolean => WebAssembly.validate(binary());

const WASM_PAGE_BYTES = 65_536;
/** An occurrence in the output: literal, address. */
const RECORD_BYTES = 8;
/** So many bytes are looked through before the places found are looked up, where that is done natively: whole pages. */
const LOOK_BYTES = 32_768;
/** Native loops take so many bytes at a time. */
const NATIVE_STEP = 64;
/** Four bytes for every second byte, and for the one written beyond. (The core's own strides are shorter.) */
const QUEUE_BYTES = 2 * LOOK_BYTES + 64;
/** What the core keeps behind the tables of windows. */
const VECTOR_BYTES = 16;
const OUTPUT_RECORDS = 16_384;
/** Keys reach over both ends of the bytes; what stands there belongs to no occurrence. */
const MARGIN_BYTES = 64;

interface Layout {
  readonly tables: readonly (readonly [number, ArrayBufferView])[];
  readonly shapes: number;
  readonly longMarks: number;
  readonly wideMarks: number;
  readonly shortMarks: number;
  readonly heads: number;
  readonly entries: number;
  readonly literals: number;
  readonly texts: number;
  readonly windows: number;
  readonly queue: number;
  readonly output: number;
  readonly outputFull: number;
  readonly bytes: number;
  readonly end: number;
}

/** Where everything lies in the core's memory. The pairs come first: assembly/matcher.ts relies on it. */
function layOut(index: LiteralIndex, capacity: number): Layout {
  let end = 0;
  const place = (length: number): number => {
    const at = end;
    end = Math.ceil((at + length) / MARGIN_BYTES) * MARGIN_BYTES;
    return at;
  };

  const pairs = place(index.pairs.byteLength);
  const shapeRows = Int32Array.from(
    KEY_SHAPES.flatMap(({ from, width }) => [from, width === 8 ? -1 : 0]),
  );
  const shapes = place(shapeRows.byteLength);
  const longMarks = place(index.longMarks.byteLength);
  const wideMarks = place(index.wideMarks.byteLength);
  const shortMarks = place(index.shortMarks.byteLength);
  const heads = place(index.heads.byteLength);
  const entries = place(index.entries.byteLength);
  const literals = place(index.literals.rows.byteLength);
  const texts = place(index.literals.texts.byteLength);
  const windows = place(index.windows.byteLength + VECTOR_BYTES);
  const queue = place(QUEUE_BYTES);
  const output = place(OUTPUT_RECORDS * RECORD_BYTES);
  const outputFull = end;
  // The core looks for room before each place; one can be the place of every entry.
  place(index.literals.count * 2 * RECORD_BYTES);
  const bytes = place(capacity + MARGIN_BYTES);
  return {
    tables: [
      [pairs, index.pairs],
      [shapes, shapeRows],
      [longMarks, index.longMarks],
      [wideMarks, index.wideMarks],
      [shortMarks, index.shortMarks],
      [heads, index.heads],
      [entries, index.entries],
      [literals, index.literals.rows],
      [texts, index.literals.texts],
      [windows, index.windows],
    ],
    shapes,
    longMarks,
    wideMarks,
    shortMarks,
    heads,
    entries,
    literals,
    texts,
    windows,
    queue,
    output,
    outputFull,
    bytes,
    end,
  };
}

/** What assembly/matcher.ts exports. */
interface Core {
  prepare(...addresses: number[]): void;
  match(at: number, last: number, from: number, until: number, end: number): number;
  listHeads(at: number, last: number): number;
  markedPlaces(count: number): number;
  lookUpPlaces(number: number, count: number, from: number, until: number, end: number): number;
  readonly stoppedAt: { readonly value: number };
}

function coreOf(memory: object): Core {
  const module = new WebAssembly.Module(binary());
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}

/** The part of it used here: the typings of Node 20 leave it to those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Core };
  validate(binary: Uint8Array): boolean;
};

const binary = (): Uint8Array => Uint8Array.from(Buffer.from(MATCHER_BINARY, 'base64'));
