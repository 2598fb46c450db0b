import { NATIVE_SETS } from '../machine-code/machine-code.ts';
import { MemoryModel } from './byte-model.ts';
import { keyOf, WindowChooser } from './key-window.ts';
import type { Literal } from './literal.ts';
import { ENTRY_WORDS, hash, setEntry } from './literal-index.ts';
import type { LiteralTable } from './literal-table.ts';
import { MemorySample } from './memory-sample.ts';
import { thirdFilter } from './third-filter.ts';
import { type Window, windowAt, windowFilter } from './window-filter.ts';

/**
 * All literals in one structure for the first look by machine code, `Sieve`. Where few are sought it looks at each
 * second place, else at each third: a filter says where something may stand, bits by four bytes and then by the hash of a
 * key whether it may indeed, and the key's hash leads to the literals, which are compared in full. Plain arrays, which a
 * worker can be sent.
 */
export interface SieveIndex {
  readonly literals: LiteralTable;
  /** `WindowFilter.tables`; empty where `rows` are looked at. */
  readonly windows: Uint8Array;
  /** `ThirdFilter.rows`; empty where there are `windows`. */
  readonly rows: Uint8Array;
  /** Its length is 2 to the power of it. */
  readonly rowBits: number;
  /** Whether a literal begins with as many zeros as `find_thirds` of ../machine-code/loops.h looks at; shorter ones are all zeros. */
  readonly seeksZeros: boolean;
  /** Bits by the hash of four bytes, of keys that have as many, and by the two in the middle, of those that do not. */
  readonly fourMarks: Uint32Array;
  readonly middleMarks: Uint32Array;
  /** Bits by the hash of the keys of a kind: `MARKS_OF`. */
  readonly wideMarks: Uint32Array;
  readonly longMarks: Uint32Array;
  readonly shortMarks: Uint32Array;
  /** 32 - the number of bits of an index of a mark. */
  readonly markShift: number;
  /** By the key's hash: first entry + 1 of a chain, or 0. */
  readonly heads: Uint32Array;
  /** 32 - the number of bits of an index into `heads`. */
  readonly hashShift: number;
  /** `ENTRY_WORDS` words each: key, next entry + 1, literal, offset of the place in the literal, kind of key. */
  readonly entries: Int32Array;
  /** First entry + 1 of those that have no key. */
  readonly anyHead: number;
  /** A place lies less than this many bytes after its literal's start. */
  readonly reach: number;
}

/** Of a look at thirds, about the same for one literal and for a thousand, in the terms of `WindowFilter.cost`. */
const THIRDS_COST = 0.03;

/**
 * @param mostCost of `windows`; 0: none
 * @param sample pages of what will be searched, where there are any
 */
export function indexForSieve(
  literals: readonly Literal[],
  table: LiteralTable,
  sample: Uint8Array | null = null,
  mostCost = THIRDS_COST,
): SieveIndex {
  const windowed = windowedIn(literals, sample, mostCost);
  if (windowed) return indexed(table, windowed.chosen, { windows: windowed.tables });
  const { rows, rowBits, chosen } = thirdFilter(literals, sample);
  return indexed(table, chosen, { rows, rowBits });
}

/** More cost more than thirds, and much time to deal out. */
const WINDOWED_LITERALS = 64;

/** A literal, and the offsets in it that it is looked for at. */
type Chosen = readonly (readonly [Literal, readonly number[]])[];

/** Null: they would cost more. */
function windowedIn(
  literals: readonly Literal[],
  sample: Uint8Array | null,
  mostCost: number,
): { chosen: Chosen; tables: Uint8Array } | null {
  if (mostCost === 0 || literals.length > WINDOWED_LITERALS) return null;
  const model = new MemoryModel(sample && new MemorySample(sample));
  const chooser = new WindowChooser(literals, new Uint8Array(0x10000), model, true);
  const windows: Window[] = [];
  const chosen = literals.map((literal) => {
    const offsets = ([0, 1] as const).map((parity) => chooser.choose(literal, parity).pair);
    windows.push(...offsets.map((offset) => windowAt(literal, offset)));
    return [literal, offsets] as const;
  });
  const { tables, cost } = windowFilter(windows, NATIVE_SETS, model);
  return cost <= mostCost ? { chosen, tables } : null;
}

type Filter = Partial<Pick<SieveIndex, 'windows' | 'rows' | 'rowBits'>>;
type Unfinished = { -readonly [Key in keyof SieveIndex]: SieveIndex[Key] };

function indexed(table: LiteralTable, chosen: Chosen, filter: Filter): SieveIndex {
  const entries = entriesOf(chosen);
  const hashBits = Math.max(8, Math.ceil(Math.log2(entries.length * 4 + 1)));
  const markBits = Math.ceil(Math.log2(entries.length * MARKS_EACH));
  const markShift = 32 - Math.min(MOST_MARK_BITS, Math.max(LEAST_MARK_BITS, markBits));
  const markWords = 2 ** (32 - markShift) / 32;
  const index: Unfinished = {
    literals: table,
    windows: new Uint8Array(),
    rows: new Uint8Array(),
    rowBits: 1,
    seeksZeros: chosen.some(([{ bytes }]) => bytes.subarray(0, ZEROS).every((byte) => byte === 0)),
    ...filter,
    fourMarks: new Uint32Array(markWords),
    middleMarks: new Uint32Array(2 ** 16 / 32),
    wideMarks: new Uint32Array(markWords),
    longMarks: new Uint32Array(markWords),
    shortMarks: new Uint32Array(markWords),
    markShift,
    heads: new Uint32Array(2 ** hashBits),
    hashShift: 32 - hashBits,
    entries: new Int32Array(entries.length * ENTRY_WORDS),
    anyHead: 0,
    reach: 1,
  };
  for (const [number, { literal, offset, kind, word, key }] of entries.entries()) {
    const slot = hash(key, index.hashShift);
    const next = kind === NO_KEY ? index.anyHead : (index.heads[slot] ?? 0);
    setEntry(index.entries, number, key, next, literal, offset, kind);
    if (kind === NO_KEY) {
      index.anyHead = number + 1;
      index.middleMarks.fill(-1);
      index.shortMarks.fill(-1);
    } else {
      index.heads[slot] = number + 1;
      if (kind === WIDE || kind === LONG) setBit(index.fourMarks, hash(word, markShift));
      else setBit(index.middleMarks, (word >>> 8) & 0xffff);
      setBit(index[MARKS_OF[kind]], hash(key, markShift));
    }
    index.reach = Math.max(index.reach, offset + 1);
  }
  return index;
}

/** So many bytes are zeros, too, behind those that `find_thirds` leaves out. */
const ZEROS = 32;

/** What of a literal stands at a place: as in ../machine-code/sieve.h. */
const WIDE = 0;
const LONG = 1;
/** The first three bytes of four, and the last three. */
const FIRST = 2;
const LAST = 3;
const NO_KEY = 4;
type KeyKind = 0 | 1 | 2 | 3;

const MARKS_OF = ['wideMarks', 'longMarks', 'shortMarks', 'shortMarks'] as const;

interface Entry {
  readonly literal: number;
  readonly offset: number;
  readonly kind: KeyKind | typeof NO_KEY;
  /** The four bytes at the place, letters in one case, and the key made of them. */
  readonly word: number;
  readonly key: number;
}

/** One for each place in each literal; one for each value of a key's byte that is not the literal's. */
function entriesOf(chosen: Chosen): Entry[] {
  const entries: Entry[] = [];
  for (const [literal, [{ bytes }, offsets]] of chosen.entries()) {
    for (const offset of offsets) {
      const kind = kindOfKey(bytes, offset);
      const word = keyOf(bytes, offset, 4);
      const unknown = 8 * unknownIn(bytes, offset, kind);
      if (unknown === 0) {
        entries.push({ literal, offset, kind, word, key: keyAt(bytes, offset, kind, word) });
        continue;
      }
      for (let byte = 0; byte < 256; byte += 1) {
        // Letters are in one case, and so is all else.
        if ((byte & 0x20) === 0) continue;
        const whole = (word & ~(0xff << unknown)) | (byte << unknown);
        entries.push({
          literal,
          offset,
          kind,
          word: whole,
          key: keyAt(bytes, offset, kind, whole),
        });
      }
    }
  }
  return entries;
}

/** Two bytes are enough: without a key, all such literals would be compared wherever one may stand. */
function kindOfKey({ length }: Uint8Array, offset: number): KeyKind | typeof NO_KEY {
  if (offset < 0) return Math.min(length, 4 + offset) >= 2 ? LAST : NO_KEY;
  const there = length - offset;
  if (there >= 8) return WIDE;
  return there >= 4 ? LONG : there >= 2 ? FIRST : NO_KEY;
}

/** Which byte of the key is not the literal's, counted from the place on; 0: none. */
function unknownIn({ length }: Uint8Array, offset: number, kind: Entry['kind']): 0 | 1 | 2 | 3 {
  if (kind === FIRST && length - offset === 2) return 2;
  if (kind !== LAST) return 0;
  return offset === -2 ? 1 : length === 2 ? 3 : 0;
}

/** @param word the four bytes at the place, as `keyOf` has them */
function keyAt(bytes: Uint8Array, offset: number, kind: Entry['kind'], word: number): number {
  if (kind === WIDE) return keyOf(bytes, offset, 8);
  return kind === FIRST ? word << 8 : kind === LAST ? word & ~0xff : kind === LONG ? word : 0;
}

/** Room for each key, so that the places of others are hardly ever looked up. */
const MARKS_EACH = 32;
/** The smallest tables fit a core's nearest cache, the largest its second: the loop that asks for marks is short enough to feel the difference. */
const LEAST_MARK_BITS = 16;
const MOST_MARK_BITS = 20;

function setBit(words: Uint32Array, bit: number): void {
  words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
}
