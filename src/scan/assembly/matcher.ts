/**
 * The matcher's loop in AssemblyScript: TypeScript's grammar, WebAssembly's types. Says the same as
 * ../portable-matcher.ts; ../literal-index.ts explains the tables. Compiled by ../compile-matcher.mjs.
 *
 * All addresses are bytes of the imported memory. The table of pairs is at 0: its index then needs no addition.
 */

// Widths as in ../literal-index.ts, in bytes.
const ENTRY_BYTES: u32 = 5 * 4;
const LITERAL_BYTES: u32 = 3 * 4;
const SHORT_BIT: u32 = 5;
const HASH_FACTOR: u32 = 0x9e3779b1;

let heads: u32 = 0;
let hashShift: u32 = 0;
let entries: u32 = 0;
let shortHead: u32 = 0;
let literals: u32 = 0;
let texts: u32 = 0;
/** Occurrences are written here: literal, address. */
let output: u32 = 0;
/** No new pair is looked at when occurrences reach this far. */
let outputFull: u32 = 0;

let outputEnd: u32 = 0;
/** Bounds of the occurrences that count. */
let firstStart: u32 = 0;
let endOfStarts: u32 = 0;
let endOfBytes: u32 = 0;

/** Where `match` stopped: its `last`, or the place to go on from when the output was full. */
export let stoppedAt: u32 = 0;

export function prepare(
  headsAt: u32,
  shift: u32,
  entriesAt: u32,
  firstShort: u32,
  literalsAt: u32,
  textsAt: u32,
  outputAt: u32,
  outputFullAt: u32,
): void {
  heads = headsAt;
  hashShift = shift;
  entries = entriesAt;
  shortHead = firstShort;
  literals = literalsAt;
  texts = textsAt;
  output = outputAt;
  outputFull = outputFullAt;
}

/** Looks at every second byte from `at` to `last`; returns how many occurrences it wrote. */
export function match(at: u32, last: u32, from: u32, until: u32, end: u32): u32 {
  firstStart = from;
  endOfStarts = until;
  endOfBytes = end;
  outputEnd = output;
  // Nearly all of an idle machine's memory is zero: 64 bytes of it are passed at once, unless a literal needs them.
  const skipsZeros = load<u8>(0) == 0;

  while (at + 64 <= last) {
    if (skipsZeros && isZero(at)) {
      at += 64;
      continue;
    }
    for (const group = at + 64; at < group; at += 8) {
      const word = load<u64>(at);
      const first = load<u8>((<u32>word) & 0xffff);
      const second = load<u8>((<u32>word) >>> 16);
      const upper = <u32>(word >>> 32);
      const third = load<u8>(upper & 0xffff);
      const fourth = load<u8>(upper >>> 16);
      if (first | second | third | fourth) {
        if (outputEnd >= outputFull) {
          stoppedAt = at;
          return (outputEnd - output) >>> 3;
        }
        if (first) lookUp(at, first);
        if (second) lookUp(at + 2, second);
        if (third) lookUp(at + 4, third);
        if (fourth) lookUp(at + 6, fourth);
      }
    }
  }

  for (; at < last; at += 2) {
    if (outputEnd >= outputFull) break;
    const shapes = load<u8>(<u32>load<u16>(at));
    if (shapes) lookUp(at, shapes);
  }
  stoppedAt = at;
  return (outputEnd - output) >>> 3;
}

function isZero(at: u32): bool {
  const low = v128.or(v128.load(at), v128.load(at, 16));
  const high = v128.or(v128.load(at, 32), v128.load(at, 48));
  return !v128.any_true(v128.or(low, high));
}

function lookUp(at: u32, shapes: u32): void {
  for (; shapes != 0; shapes &= shapes - 1) {
    const bit = ctz(shapes);
    const key: u32 = bit == SHORT_BIT ? 0 : load<u32>(at + bit - 3) | 0x20202020;
    let link =
      bit == SHORT_BIT ? shortHead : load<u32>(heads + (((key * HASH_FACTOR) >>> hashShift) << 2));
    while (link != 0) {
      const entry = entries + (link - 1) * ENTRY_BYTES;
      link = load<u32>(entry, 4);
      if (load<u32>(entry) != key || load<u32>(entry, 16) != bit) continue;

      const literal = load<u32>(entry, 8);
      const start = at - load<i32>(entry, 12);
      if (start >= firstStart && start < endOfStarts && equals(literal, start)) {
        store<u32>(outputEnd, literal);
        store<u32>(outputEnd, start, 4);
        outputEnd += 8;
      }
    }
  }
}

function equals(literal: u32, start: u32): bool {
  const entry = literals + literal * LITERAL_BYTES;
  const text = texts + load<u32>(entry);
  const length = load<u32>(entry, 4);
  const ignoresCase = load<u32>(entry, 8) != 0;
  if (start + length > endOfBytes) return false;

  for (let index: u32 = 0; index < length; index++) {
    let byte = <u32>load<u8>(start + index);
    if (ignoresCase && byte - 0x41 < 26) byte += 0x20;
    if (byte != <u32>load<u8>(text + index)) return false;
  }
  return true;
}
