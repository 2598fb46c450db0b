/**
 * The matcher's loop in AssemblyScript: TypeScript's grammar, WebAssembly's types. Says the same as
 * ../portable-matcher.ts; ../literal-index.ts explains the tables. Compiled by compile-matcher.ts.
 *
 * All addresses are bytes of the imported memory. The table of pairs is at 0: its index then needs no addition.
 */

import { findWindows, forgetBefore, isZero } from './find-windows';

// Widths as in ../literal-index.ts and ../literal-table.ts, in bytes.
const ENTRY_BYTES: u32 = 5 * 4;
const LITERAL_BYTES: u32 = 3 * 4;
const HASH_FACTOR: u32 = 0x9e3779b1;
const MARK_SHIFT: u32 = 16;
const KEY_FACTOR: u32 = 0x85ebca6b;
/** So many bytes are looked through before the places found are looked up; a multiple of 64. */
const STRIDE: u32 = 2048;

/** Per shape of key: bytes from the pair, all ones where it is eight bytes wide. */
let shapes: u32 = 0;
let shortBit: u32 = 0;
let wideMarks: u32 = 0;
let longMarks: u32 = 0;
let shortMarks: u32 = 0;
let heads: u32 = 0;
let hashShift: u32 = 0;
let entries: u32 = 0;
let shortHead: u32 = 0;
let literals: u32 = 0;
let texts: u32 = 0;
/** Tables of ../window-filter.ts, or 0; behind them what is kept from one stride to the next. */
let windows: u32 = 0;
/** Room for the places of a stride. */
let queue: u32 = 0;
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
  shapesAt: u32,
  short: u32,
  wideMarksAt: u32,
  longMarksAt: u32,
  shortMarksAt: u32,
  headsAt: u32,
  shift: u32,
  entriesAt: u32,
  firstShort: u32,
  literalsAt: u32,
  textsAt: u32,
  windowsAt: u32,
  queueAt: u32,
  outputAt: u32,
  outputFullAt: u32,
): void {
  shapes = shapesAt;
  shortBit = short;
  wideMarks = wideMarksAt;
  longMarks = longMarksAt;
  shortMarks = shortMarksAt;
  heads = headsAt;
  hashShift = shift;
  entries = entriesAt;
  shortHead = firstShort;
  literals = literalsAt;
  texts = textsAt;
  windows = windowsAt;
  queue = queueAt;
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

  if (windows != 0) forgetBefore(windows);
  const first = at;

  while (at < last) {
    const strideEnd = min(last, at + STRIDE);
    let queueEnd = queue;
    if (windows != 0) {
      queueEnd = findWindows(windows, at, strideEnd, queueEnd);
      at += (strideEnd - at) & ~63;
      // The last pair waits for the byte behind it; where none comes, it counts by itself.
      if (strideEnd == last) at = max(first, at - 2);
    } else {
      while (at + 64 <= strideEnd) {
        if (skipsZeros && isZero(at)) {
          at += 64;
          continue;
        }
        for (const group = at + 64; at < group; at += 8) queueEnd = findPairs(at, queueEnd);
      }
    }
    for (; at < strideEnd; at += 2) {
      store<u32>(queueEnd, at);
      queueEnd += u32(load<u8>(<u32>load<u16>(at)) != 0) << 2;
    }

    queueEnd = marked(queueEnd);
    stoppedAt = at;
    for (let place = queue; place < queueEnd; place += 4) {
      if (outputEnd >= outputFull) {
        stoppedAt = load<u32>(place);
        return (outputEnd - output) >>> 3;
      }
      lookUp(load<u32>(place));
    }
  }
  return (outputEnd - output) >>> 3;
}

/** Puts the places among the next four where a pair of some literal stands into the queue; returns its new end. */
function findPairs(at: u32, queueEnd: u32): u32 {
  const word = load<u64>(at);
  const lower = <u32>word;
  const upper = <u32>(word >>> 32);
  const first = load<u8>(lower & 0xffff);
  const second = load<u8>(lower >>> 16);
  const third = load<u8>(upper & 0xffff);
  const fourth = load<u8>(upper >>> 16);
  if ((first | second | third | fourth) == 0) return queueEnd;

  // Always written, seldom kept: a branch for each would be guessed wrongly too often.
  store<u32>(queueEnd, at);
  queueEnd += u32(first != 0) << 2;
  store<u32>(queueEnd, at + 2);
  queueEnd += u32(second != 0) << 2;
  store<u32>(queueEnd, at + 4);
  queueEnd += u32(third != 0) << 2;
  store<u32>(queueEnd, at + 6);
  return queueEnd + (u32(fourth != 0) << 2);
}

/** Leaves in the queue the places where three, four or eight bytes may be some literal's; returns its new end. */
function marked(queueEnd: u32): u32 {
  // Variables of the module would be read from memory each time.
  const wide = wideMarks;
  const long = longMarks;
  const short = shortMarks;
  for (let place = queue; place < queueEnd; place += 4) {
    const at = load<u32>(place);
    const word = load<u32>(at) | 0x20202020;
    const both = word ^ ((load<u32>(at, 4) | 0x20202020) * KEY_FACTOR);
    const isSome = bitOf(wide, both) | bitOf(long, word) | bitOf(short, word << 8);
    store<u32>(place, (at << 1) | (isSome & 1));
  }
  // Again without a branch; apart from the above, because reading waits for what is written to a place not known yet.
  let end = queue;
  for (let place = end; place < queueEnd; place += 4) {
    const at = load<u32>(place);
    store<u32>(end, at >>> 1);
    end += (at & 1) << 2;
  }
  return end;
}

/** The lowest bit is that of the key's slot. */
function bitOf(marks: u32, key: u32): u32 {
  const slot = (key * HASH_FACTOR) >>> MARK_SHIFT;
  return load<u32>(marks + ((slot >>> 5) << 2)) >>> slot;
}

/**
 * Looks in whole pages from `at` to `last` for places at multiples of 16 whose second field pair begins as a list does
 * that points to itself: bits 0-11 of the word at 0x18 are the place's own, 0x18 further on, and the eight bytes there
 * are repeated behind them. `at` is the start of a page. Writes addresses; stops before a page that might not fit.
 */
export function listHeads(at: u32, last: u32): u32 {
  outputEnd = output;
  const pageStart = at;
  while (at + 4096 <= last && outputEnd + 1024 <= outputFull) {
    let own = i32x4(0x18, 0x28, 0x38, 0x48);
    // Eight places at a time; the last two of a page reach beyond it.
    for (const end = at + 4096; at < end; at += 128) {
      const next = v128.add<i32>(own, v128.splat<i32>(64));
      if (v128.any_true(v128.or(ownPlaces(at, own), ownPlaces(at + 64, next)))) {
        for (let place = at; place < at + 128; place += 16) {
          const offset = (place - pageStart) & 0xfff;
          const isOwnPlace = (load<u32>(place, 0x18) & 0xfff) == offset + 0x18;
          const isRepeated = load<u64>(place, 0x18) == load<u64>(place, 0x20);
          if (isOwnPlace && isRepeated && offset <= 4096 - 0x30) {
            store<u32>(outputEnd, place);
            outputEnd += 4;
          }
        }
      }
      own = v128.add<i32>(own, v128.splat<i32>(128));
    }
  }
  stoppedAt = at;
  return (outputEnd - output) >>> 2;
}

/** All ones for those of four places whose word at 0x18 has the lowest 12 bits of `own`. */
function ownPlaces(at: u32, own: v128): v128 {
  const first = v128.shuffle<u32>(v128.load(at, 16), v128.load(at, 32), 2, 6, 3, 7);
  const second = v128.shuffle<u32>(v128.load(at, 48), v128.load(at, 64), 2, 6, 3, 7);
  const words = v128.shuffle<u64>(first, second, 0, 2);
  return v128.eq<u32>(v128.and(words, v128.splat<u32>(0xfff)), own);
}

function lookUp(at: u32): void {
  for (let bits: u32 = load<u8>(<u32>load<u16>(at)); bits != 0; bits &= bits - 1) {
    const bit = ctz(bits);
    let key: u32 = 0;
    let link = shortHead;
    if (bit != shortBit) {
      const from = at + load<u32>(shapes + (bit << 3));
      const wide = load<u32>(shapes + (bit << 3), 4);
      const low = load<u32>(from) | 0x20202020;
      const high = load<u32>(from, 4) | 0x20202020;
      key = low ^ ((high * KEY_FACTOR) & wide);
      link = load<u32>(heads + (((key * HASH_FACTOR) >>> hashShift) << 2));
    }
    while (link != 0) {
      const entry = entries + (link - 1) * ENTRY_BYTES;
      link = load<u32>(entry, 4);
      // The same key may be found from another pair too: that way it is another entry's.
      if (load<u32>(entry) != key || load<u32>(entry, 16) != bit) continue;

      const literal = load<u32>(entry, 8);
      const start = at - load<u32>(entry, 12);
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
