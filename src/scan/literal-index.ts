import { MemoryModel } from './byte-model.ts';
import { firstWindow, type KeyWindow, KEY_SHAPES, keyOf, WindowChooser } from './key-window.ts';
import { MemorySample } from './memory-sample.ts';
import { type Literal, spellings } from './literal.ts';
import { type LiteralTable, tableOf } from './literal-table.ts';
import { type Window, windowAt, windowFilter } from './window-filter.ts';

/**
 * All literals in one structure, so that the scan costs nearly the same for one and for ten thousand. Plain arrays,
 * which WebAssembly can read and a worker can be sent.
 *
 * The scan looks only at pairs of bytes at even offsets: half of all offsets are enough, because each literal is
 * entered twice, once for occurrences that begin at an even offset and once for odd ones. `pairs` says for each of the
 * 65,536 pair values whether some literal has it and where a key of four or eight bytes then lies; the key's hash
 * leads to the literals, which are compared in full. (The coarse first look at every second byte is that of FDR, the
 * literal matcher in Wang et al., "Hyperscan", NSDI 2019.)
 */
export interface LiteralIndex {
  readonly literals: LiteralTable;
  /** For each pair (little-endian) the shapes of keys to look up: a bit for each of `KEY_SHAPES`, and `SHORT_BIT`. */
  readonly pairs: Uint8Array;
  /** By the key's hash: first entry + 1 of a chain, or 0. */
  readonly heads: Uint32Array;
  /** 32 - the number of bits of an index into `heads`. */
  readonly hashShift: number;
  /** `ENTRY_WORDS` words each: key, next entry + 1, literal, offset of the pair in the literal, bit of the key's shape. */
  readonly entries: Int32Array;
  /** First entry + 1 of the literals too short for a key. */
  readonly shortHead: number;
  /** A pair lies less than this many bytes after its literal's start. */
  readonly reach: number;
  /** Bits by the hash of the eight bytes from a pair on, of the literals that have so many there. */
  readonly wideMarks: Uint32Array;
  /** The same of four bytes, for those that have only so many. */
  readonly longMarks: Uint32Array;
  /** The same of three bytes, for the others: all set where a literal is shorter still. */
  readonly shortMarks: Uint32Array;
  /** `WindowFilter.tables`, with each window at its pair: of all pairs only these need a look. Empty for many literals. */
  readonly windows: Uint8Array;
}

export const ENTRY_WORDS = 5;

/**
 * @param mostSets of `windows`; 0 where so little is searched that no choice is worth its time
 * @param sample pages of what will be searched, where there are any
 * @throws Ip2ProcessError `request` for a literal that is empty or longer than a page
 */
export function indexLiterals(
  literals: readonly Literal[],
  mostSets = 1,
  sample: Uint8Array | null = null,
): LiteralIndex {
  if (mostSets === 0) return indexed(literals, new Uint8Array(PAIRS), firstWindow);
  const model = new MemoryModel(sample && new MemorySample(sample));
  if (literals.length <= WINDOWED_LITERALS) {
    const windows: Window[] = [];
    const pairs = new Uint8Array(PAIRS);
    const chooser = new WindowChooser(literals, pairs, model, true);
    const index = indexed(literals, pairs, (literal, parity) => {
      const window = chooser.choose(literal, parity);
      windows.push(windowAt(literal, window.pair));
      return window;
    });
    const { tables, share } = windowFilter(windows, mostSets, model);
    if (share <= WINDOWED_SHARE) return { ...index, windows: tables };
  }
  const pairs = new Uint8Array(PAIRS);
  const chooser = new WindowChooser(literals, pairs, model, false);
  return indexed(literals, pairs, (...asked) => chooser.choose(...asked));
}

const PAIRS = 0x10000;
/** More make more places to look at than the tables of pairs do. */
const WINDOWED_LITERALS = 100;
const WINDOWED_SHARE = 0.1;

/**
 * @param pairs to be filled
 * @param choose asked for each literal in turn, when the pairs of those before are entered
 */
function indexed(
  literals: readonly Literal[],
  pairs: Uint8Array,
  choose: (literal: Literal, parity: 0 | 1) => KeyWindow,
): LiteralIndex {
  const hashBits = Math.max(8, Math.ceil(Math.log2(literals.length * 8 + 1)));
  const index: Unfinished = {
    literals: tableOf(literals),
    pairs,
    heads: new Uint32Array(2 ** hashBits),
    hashShift: 32 - hashBits,
    entries: new Int32Array(literals.length * 2 * ENTRY_WORDS),
    shortHead: 0,
    reach: 1,
    wideMarks: new Uint32Array(MARK_WORDS),
    longMarks: new Uint32Array(MARK_WORDS),
    shortMarks: new Uint32Array(MARK_WORDS),
    windows: new Uint8Array(),
  };
  for (const [number, literal] of literals.entries()) {
    for (const parity of [0, 1] as const) {
      enter(index, literal, number, choose(literal, parity), 2 * number + parity);
    }
  }
  return index;
}

type Unfinished = { -readonly [Key in keyof LiteralIndex]: LiteralIndex[Key] };

function enter(
  index: Unfinished,
  literal: Literal,
  number: number,
  { pair: offset, bit }: KeyWindow,
  entry: number,
): void {
  const { bytes, ignoresCase } = literal;
  const firsts = spellings(bytes[offset], ignoresCase);
  const seconds = spellings(bytes[offset + 1], ignoresCase);
  // By index, and below one by one: done for each literal before this code is compiled, where an iterator costs several times that.
  for (let one = 0; one < firsts.length; one += 1) {
    for (let other = 0; other < seconds.length; other += 1) {
      const pair = (firsts[one] ?? 0) | ((seconds[other] ?? 0) << 8);
      index.pairs[pair] = (index.pairs[pair] ?? 0) | (1 << bit);
    }
  }

  mark(index, literal, offset);

  const shape = KEY_SHAPES[bit];
  const key = shape ? keyOf(literal.bytes, offset + shape.from, shape.width) : 0;
  const slot = hash(key, index.hashShift);
  const next = shape ? (index.heads[slot] ?? 0) : index.shortHead;
  setEntry(index.entries, entry, key, next, number, offset, bit);
  if (shape) index.heads[slot] = entry + 1;
  else index.shortHead = entry + 1;
  index.reach = Math.max(index.reach, offset + 1);
}

/** Fills the `ENTRY_WORDS` of one. One by one: an array for each costs several times that before this code is compiled. */
export function setEntry(
  entries: Int32Array,
  number: number,
  key: number,
  next: number,
  literal: number,
  offset: number,
  kind: number,
): void {
  const at = number * ENTRY_WORDS;
  entries[at] = key;
  entries[at + 1] = next;
  entries[at + 2] = literal;
  entries[at + 3] = offset;
  entries[at + 4] = kind;
}

/** Says which bytes stand at a pair of the literal, as far as they are its own. */
function mark(
  { wideMarks, longMarks, shortMarks }: Unfinished,
  { bytes }: Literal,
  pair: number,
): void {
  const word = keyOf(bytes, pair, 4);
  if (pair >= 0 && pair + 8 <= bytes.length) {
    setBit(wideMarks, hash(keyOf(bytes, pair, 8), MARK_SHIFT));
  } else if (pair >= 0 && pair + 4 <= bytes.length) {
    setBit(longMarks, hash(word, MARK_SHIFT));
  } else if (pair >= 0 && pair + 3 <= bytes.length) {
    setBit(shortMarks, hash(word << 8, MARK_SHIFT));
  } else if (pair < 0 && bytes.length >= 2) {
    for (let first = 0; first < 256; first += 1) {
      setBit(shortMarks, hash(((word & ~0xff) | first | 0x20) << 8, MARK_SHIFT));
    }
  } else {
    shortMarks.fill(-1);
  }
}

function setBit(words: Uint32Array, bit: number): void {
  words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
}

/** All three together fit a core's nearest cache: the loop that asks for marks is short enough to feel the difference. */
const MARK_SHIFT = 16;
const MARK_WORDS = 2 ** (32 - MARK_SHIFT) / 32;

/** Slot of a key in `LiteralIndex.heads`: multiplication by 2^32 / golden ratio (Knuth, TAOCP 6.4). */
export const hash = (key: number, shift: number): number => Math.imul(key, 0x9e3779b1) >>> shift;
