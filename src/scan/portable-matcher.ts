import { keyOf } from './key-window.ts';
import { folded } from './literal.ts';
import { ENTRY_WORDS, hash, LITERAL_WORDS, type LiteralIndex, SHORT_BIT } from './literal-index.ts';
import type { Found, Matcher } from './matcher.ts';

/** The matcher in plain JavaScript. Says the same as assembly/matcher.ts, several times slower. */
export function portableMatcher(index: LiteralIndex, capacity: number): Matcher {
  const bytes = new Uint8Array(capacity);
  const { pairs } = index;

  return {
    bytes,
    match(from, until, end, found) {
      const last = Math.min(end, until + index.reach);
      // Half a pair may lie one byte before the literal.
      for (let at = Math.max(0, (from - 1) & ~1); at < last; at += 2) {
        const shapes = pairs[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
        if (shapes !== 0) lookUp(index, bytes, at, shapes, { from, until, end }, found);
      }
    },
  };
}

/** Bounds of the occurrences that count. */
interface Bounds {
  readonly from: number;
  readonly until: number;
  readonly end: number;
}

function lookUp(
  index: LiteralIndex,
  bytes: Uint8Array,
  at: number,
  shapes: number,
  bounds: Bounds,
  found: Found,
): void {
  for (let bit = 0; bit <= SHORT_BIT; bit += 1) {
    if ((shapes & (1 << bit)) === 0) continue;
    const key = bit === SHORT_BIT ? 0 : keyOf(bytes, at + bit - 3);
    let link = bit === SHORT_BIT ? index.shortHead : (index.heads[hash(key, index.hashShift)] ?? 0);
    while (link !== 0) {
      const entry = (link - 1) * ENTRY_WORDS;
      const literal = index.entries[entry + 2] ?? 0;
      const start = at - (index.entries[entry + 3] ?? 0);
      if (
        index.entries[entry] === key &&
        index.entries[entry + 4] === bit &&
        start >= bounds.from &&
        start < bounds.until &&
        equals(index, literal, bytes, start, bounds.end)
      ) {
        found(literal, start);
      }
      link = index.entries[entry + 1] ?? 0;
    }
  }
}

function equals(
  { literals, texts }: LiteralIndex,
  literal: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const text = literals[literal * LITERAL_WORDS] ?? 0;
  const length = literals[literal * LITERAL_WORDS + 1] ?? 0;
  const ignoresCase = literals[literal * LITERAL_WORDS + 2] === 1;
  if (start + length > end) return false;
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[start + index] ?? 0;
    if ((ignoresCase ? folded(byte) : byte) !== texts[text + index]) return false;
  }
  return true;
}
