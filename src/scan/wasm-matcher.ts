import { PAGE_BYTES } from '../memory/address.ts';
import { KEY_SHAPES, SHORT_BIT } from './key-window.ts';
import type { LiteralIndex } from './literal-index.ts';
import { MATCHER_BINARY } from './matcher-binary.ts';
import type { Found, Matcher } from './matcher.ts';
import { PAGE_PROBES } from './page-probe.ts';
import { SET_BYTES } from './window-filter.ts';

/** The matcher in WebAssembly with SIMD: assembly/matcher.ts. */
export function wasmMatcher(index: LiteralIndex, capacity: number): Matcher {
  const layout = layOut(index, capacity);
  // More sets than one are left alone: the tables of pairs say the same.
  const isWindowed = index.windows.length === SET_BYTES;
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
    isWindowed ? layout.windows : 0,
    layout.queue,
    layout.output,
    layout.outputFull,
  );

  const { bytes: base } = layout;
  const output = new DataView(memory.buffer, layout.output);
  const view = new DataView(memory.buffer);
  const tell = (count: number, found: Found): void => {
    for (let record = 0; record < count * RECORD_BYTES; record += RECORD_BYTES) {
      found(output.getUint32(record, true), output.getUint32(record + 4, true) - base);
    }
  };
  return {
    bytes: new Uint8Array(memory.buffer, base, capacity),
    match(from, until, end, found) {
      const last = base + Math.min(end, until + index.reach);
      // Half a pair may lie one byte before the literal.
      let at = base + Math.max(0, (from - 1) & ~1);
      const bounds = [base + from, base + until, base + end] as const;
      while (at < last) {
        tell(core.match(at, last, ...bounds), found);
        at = core.stoppedAt.value;
      }
    },
    probe(name, from, until, found) {
      const last = base + until;
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
/** Four bytes for every second byte of a stride of the core, and for the one written beyond. */
const QUEUE_BYTES = 2 * 2048 + 64;
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
