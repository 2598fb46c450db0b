import { byteShare, pairShare } from './byte-share.ts';
import { type Literal, spellings } from './literal.ts';

/** Where in a literal the scan looks first. */
export interface KeyWindow {
  /** Offset in the literal of the pair of bytes; -1 or the last byte's offset where only half of the pair is the literal's. */
  readonly pair: number;
  /** Offset in the literal of the four-byte key, 3 before to 1 after `pair`; null: the literal is too short for one. */
  readonly key: number | null;
}

export const KEY_BYTES = 4;
/** A pair outside a literal's first bytes would make blocks overlap more for nothing. */
const OFFSETS_LOOKED_AT = 64;

/**
 * The cheapest window for occurrences that begin at an even (parity 0) or odd (parity 1) offset: its pair then lies at
 * an even one.
 */
export function chooseWindow(literal: Literal, parity: 0 | 1, costs: WindowCosts): KeyWindow {
  const { length } = literal.bytes;
  let best: KeyWindow = { pair: parity, key: null };
  let bestCost = Infinity;
  for (let pair = -parity; pair < Math.min(length, OFFSETS_LOOKED_AT); pair += 2) {
    const pairCost = costs.ofPair(literal, pair);
    if (length < KEY_BYTES) {
      if (pairCost < bestCost) [best, bestCost] = [{ pair, key: null }, pairCost];
      continue;
    }
    const lastKey = Math.min(pair + 1, length - KEY_BYTES);
    for (let key = Math.max(pair - 3, 0); key <= lastKey; key += 1) {
      const cost = pairCost + costs.ofKey(literal, key);
      if (cost < bestCost) [best, bestCost] = [{ pair, key }, cost];
    }
  }
  return best;
}

/** What a window costs: how often memory shows its pair, and its key times the literals that share the key. */
export class WindowCosts {
  private readonly pairs: Uint8Array;
  private readonly sharers = new Map<number, number>();

  /** @param pairs the table that the chosen windows are entered in: a pair that is in it costs little more */
  constructor(literals: readonly Literal[], pairs: Uint8Array) {
    this.pairs = pairs;
    for (const { bytes } of literals) {
      const end = Math.min(bytes.length - KEY_BYTES, OFFSETS_LOOKED_AT);
      for (let key = 0; key <= end; key += 1) this.count(keyOf(bytes, key));
    }
  }

  private count(key: number): void {
    this.sharers.set(key, (this.sharers.get(key) ?? 0) + 1);
  }

  ofPair(literal: Literal, offset: number): number {
    const { bytes, ignoresCase } = literal;
    const first = bytes[offset];
    const second = bytes[offset + 1];
    // Half pairs stand for 256 pair values and would fill the table: only where nothing else keeps zeros out of it.
    if (first === undefined || second === undefined) return byteShare(first ?? second ?? 0) + 0.02;

    let cost = 0;
    for (const a of spellings(first, ignoresCase)) {
      for (const b of spellings(second, ignoresCase)) {
        cost += pairShare(a, b) * (this.pairs[a | (b << 8)] ? 0.2 : 1);
      }
    }
    return first === 0 && second === 0 ? 1 : cost;
  }

  ofKey({ bytes }: Literal, offset: number): number {
    let share = 1;
    for (const byte of bytes.subarray(offset, offset + KEY_BYTES)) share *= byteShare(byte);
    // The root, because four bytes that follow each other are far from independent: digits come in numbers.
    return Math.sqrt(share) * 0.01 * (this.sharers.get(keyOf(bytes, offset)) ?? 1);
  }
}

/** Four bytes, little-endian, in one sort of letters: bit 5 set. Other bytes fall together too; the full comparison tells. */
export const keyOf = (bytes: Uint8Array, offset: number): number =>
  (bytes[offset] ?? 0) |
  ((bytes[offset + 1] ?? 0) << 8) |
  ((bytes[offset + 2] ?? 0) << 16) |
  ((bytes[offset + 3] ?? 0) << 24) |
  0x20202020;

/** All pair values, little-endian, that occurrences of the literal show at `offset`. */
export function* pairsAt({ bytes, ignoresCase }: Literal, offset: number): Generator<number> {
  const choices = (byte: number | undefined): readonly number[] =>
    byte === undefined ? ALL_BYTES : spellings(byte, ignoresCase);
  for (const first of choices(bytes[offset])) {
    for (const second of choices(bytes[offset + 1])) yield first | (second << 8);
  }
}

const ALL_BYTES: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);
