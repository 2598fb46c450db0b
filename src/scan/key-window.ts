import type { MemoryModel } from './byte-model.ts';
import { byteShare, isNumberChar } from './byte-share.ts';
import { type Literal, spellings } from './literal.ts';
import { windowAt, windowShare } from './window-filter.ts';

/** Where in a literal the scan looks first. */
export interface KeyWindow {
  /** Offset in the literal of the pair of bytes; -1 or the last byte's where only half of the pair is the literal's. */
  readonly pair: number;
  /** How its key lies to the pair: index into `KEY_SHAPES`, or `SHORT_BIT`. */
  readonly bit: number;
}

/** Where a key may lie: so many bytes from the pair, so wide. A pair's byte in the table has one bit for each. */
export const KEY_SHAPES = [
  { from: -3, width: 4 },
  { from: -2, width: 4 },
  { from: -1, width: 4 },
  { from: 0, width: 4 },
  { from: 1, width: 4 },
  // Numbers and addresses are made of eleven characters: four of them say little.
  { from: 0, width: 8 },
  { from: -6, width: 8 },
] as const;
/** The literal is too short for a key. */
export const SHORT_BIT = KEY_SHAPES.length;

const NARROW = [0, 1, 2, 3, 4];
const WIDE = [5, 6];
/** From this length on, a wide key fits a pair at an even offset as well as one at an odd offset. */
const WIDE_LENGTH = 9;
/** From this length on, there is a choice among pairs with eight of the literal's bytes from them on. */
const CHOICE_LENGTH = 14;
/** A pair outside a literal's first bytes would make blocks overlap more for nothing. */
const OFFSETS_LOOKED_AT = 32;

/** Chooses the cheapest window for each literal, in turn: a pair that is looked at already costs little more. */
export class WindowChooser {
  private readonly pairs: Uint8Array;
  private readonly sharers = new Map<number, number>();
  /** How common each pair is, little-endian, as far as it was asked for: a hundred times for each literal. */
  private readonly shares = new Float64Array(0x10000);
  private readonly model: MemoryModel;
  private readonly isWindowed: boolean;
  /** Windows of four bytes that are looked at already. */
  private readonly windows = new Set<number>();

  /**
   * @param pairs `LiteralIndex.pairs`, in which the caller enters what was chosen
   * @param isWindowed what the scan looks for first is four bytes, not a pair
   */
  constructor(
    literals: readonly Literal[],
    pairs: Uint8Array,
    model: MemoryModel,
    isWindowed: boolean,
  ) {
    this.isWindowed = isWindowed;
    this.pairs = pairs;
    this.model = model;
    for (const { bytes } of literals) {
      const width = bytes.length < WIDE_LENGTH ? 4 : 8;
      const last = Math.min(bytes.length - width, OFFSETS_LOOKED_AT);
      for (let at = 0; at <= last; at += 1) {
        const key = keyOf(bytes, at, width);
        this.sharers.set(key, (this.sharers.get(key) ?? 0) + 1);
      }
    }
  }

  /** For occurrences that begin at an even (parity 0) or odd (1) offset, so that the pair's is even. */
  choose(literal: Literal, parity: 0 | 1): KeyWindow {
    const { length } = literal.bytes;
    let bestPair: number = parity;
    let bestBit: number = SHORT_BIT;
    let bestCost = Infinity;
    for (let pair = -parity; pair < Math.min(length, OFFSETS_LOOKED_AT); pair += 2) {
      const isHalf = pair < 0 || pair === length - 1;
      // Where the bytes behind the pair are the literal's too, they are looked at before anything else.
      const behind = length >= CHOICE_LENGTH ? 8 : length > 4 ? 4 : 3;
      // Half a pair only for four bytes: 10.0.0.1 has two zeros in its middle, and they stand everywhere.
      if (length > 4 && pair < 0) continue;
      if (length >= 4 && pair + behind > length) continue;
      const bits = length < 4 ? [SHORT_BIT] : length < WIDE_LENGTH || isHalf ? NARROW : WIDE;
      const tells = distinction(literal, pair);
      const windowCost = this.isWindowed ? this.windowCost(literal, pair) * tells : null;
      for (const bit of bits) {
        if (!hasKey(literal, pair, bit)) continue;
        const firstCost = windowCost ?? this.pairCost(literal, pair, bit) * tells;
        if (firstCost >= bestCost) continue;
        const cost = firstCost + this.keyCost(literal, pair, bit);
        if (cost >= bestCost) continue;
        bestPair = pair;
        bestBit = bit;
        bestCost = cost;
      }
    }
    if (this.isWindowed) this.windows.add(nameOf(literal, bestPair));
    return { pair: bestPair, bit: bestBit };
  }

  /** How often memory shows the window that begins with the pair. */
  private windowCost(literal: Literal, pair: number): number {
    const isShared = this.windows.has(nameOf(literal, pair));
    return windowShare(windowAt(literal, pair), this.model) * (isShared ? 0.1 : 1);
  }

  /** How often memory shows the pair. */
  private pairCost({ bytes, ignoresCase }: Literal, offset: number, bit: number): number {
    // A negative index costs an engine a hundred times what another does.
    const first = offset < 0 ? undefined : bytes[offset];
    const second = bytes[offset + 1];
    // Half a pair stands for 256 values and would fill the table; two zeros would end the skipping of zeros.
    if (first === undefined || second === undefined) return byteShare(first ?? second ?? 0) + 0.02;
    if (first === 0 && second === 0) return 1;

    let cost = 0;
    const firsts = spellings(first, ignoresCase);
    const seconds = spellings(second, ignoresCase);
    // By index: done a hundred times for each literal before this code is compiled, where an iterator costs several times that.
    for (let one = 0; one < firsts.length; one += 1) {
      for (let other = 0; other < seconds.length; other += 1) {
        const pair = (firsts[one] ?? 0) | ((seconds[other] ?? 0) << 8);
        const isTaken = ((this.pairs[pair] ?? 0) & (1 << bit)) !== 0;
        cost += this.share(pair) * (isTaken ? 0.1 : 1);
      }
    }
    return cost;
  }

  private share(pair: number): number {
    // None is 0.
    return this.shares[pair] || (this.shares[pair] = this.model.shareOfPair(pair));
  }

  /** How often a look-up of the key leads to literals, and how many. */
  private keyCost({ bytes }: Literal, pair: number, bit: number): number {
    const shape = KEY_SHAPES[bit];
    if (!shape) return 0;
    const from = pair + shape.from;
    let share = 1;
    for (let at = from; at < from + shape.width; at += 2) {
      share *= this.share((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
    }
    return share * (this.sharers.get(keyOf(bytes, from, shape.width)) ?? 1);
  }
}

/** A window that will do, for a matcher that sees few pages: at the first pair that is not of zeros. */
export function firstWindow(literal: Literal, parity: 0 | 1): KeyWindow {
  const { bytes } = literal;
  // Half a pair stands for 256.
  if (bytes.length < 4) return { pair: bytes.length === 3 ? parity : -parity, bit: SHORT_BIT };
  const bits = bytes.length < WIDE_LENGTH ? NARROW : WIDE;
  let first: KeyWindow | null = null;
  for (let pair: number = parity; pair + 1 < bytes.length; pair += 2) {
    const bit = bits.find((shape) => hasKey(literal, pair, shape));
    if (bit === undefined) continue;
    first ??= { pair, bit };
    if (bytes[pair] !== 0 || bytes[pair + 1] !== 0) return { pair, bit };
  }
  return first ?? { pair: parity, bit: SHORT_BIT };
}

/** Whether the literal has all bytes of the key. */
function hasKey({ bytes }: Literal, pair: number, bit: number): boolean {
  const shape = KEY_SHAPES[bit];
  if (!shape) return true;
  const from = pair + shape.from;
  return from >= 0 && from + shape.width <= bytes.length;
}

/** Addresses of one network begin alike: of equally rare digits, the last tell most. */
function distinction({ bytes }: Literal, pair: number): number {
  const isNumber = isNumberChar(bytes[Math.max(0, pair)] || (bytes[pair + 1] ?? 0));
  return isNumber ? 1 - (0.9 * pair) / bytes.length : 1;
}

/** The same number for the same window of four bytes, and hardly for another. */
function nameOf({ bytes, ignoresCase }: Literal, pair: number): number {
  const first = pair < 0 ? 0 : (bytes[pair] ?? 0);
  const word =
    first |
    ((bytes[pair + 1] ?? 0) << 8) |
    ((bytes[pair + 2] ?? 0) << 16) |
    ((bytes[pair + 3] ?? 0) << 24);
  return ignoresCase ? ~word : word;
}

/**
 * Four or eight bytes as 32 bits, letters in one case (bit 5 set). Other bytes fall together too: the full comparison
 * tells. Bytes outside the array count as zero.
 */
export function keyOf(bytes: Uint8Array, at: number, width: 4 | 8): number {
  const low = wordAt(bytes, at);
  return width === 4 ? low : low ^ Math.imul(wordAt(bytes, at + 4), KEY_FACTOR);
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) |
  ((bytes[at + 1] ?? 0) << 8) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 24) |
  0x20202020;

/** Odd, so that nothing of the upper half is lost (from MurmurHash3). */
const KEY_FACTOR = 0x85ebca6b;

/** All pair values, little-endian, that occurrences of the literal show at `offset`. */
export function* pairsAt({ bytes, ignoresCase }: Literal, offset: number): Generator<number> {
  for (const first of spellings(bytes[offset], ignoresCase)) {
    for (const second of spellings(bytes[offset + 1], ignoresCase)) yield first | (second << 8);
  }
}
