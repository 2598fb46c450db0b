import { PAGE_BYTES } from '../memory/address.ts';
import { KEY_SHAPES, keyOf, SHORT_BIT } from './key-window.ts';
import { ENTRY_WORDS, hash, type LiteralIndex } from './literal-index.ts';
import { lengthOf, standsAt } from './literal-table.ts';
import type { Found, Matcher } from './matcher.ts';
import { LAST_PLACE, PAGE_PROBES, PLACE_STEP } from './page-probe.ts';

/** The matcher in plain JavaScript. Says the same as assembly/matcher.ts, several times slower. */
export function portableMatcher(index: LiteralIndex, capacity: number): Matcher {
  const bytes = new Uint8Array(capacity);
  const { pairs } = index;
  const view = new DataView(bytes.buffer);

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
    probe(name, from, until, found) {
      for (let page = from; page + PAGE_BYTES <= until; page += PAGE_BYTES) {
        for (let offset = 0; offset <= LAST_PLACE; offset += PLACE_STEP) {
          const list = view.getUint32(page + offset + 0x18, true);
          if ((list & 0xfff) === offset + 0x18 && PAGE_PROBES[name](view, page + offset)) {
            found(page + offset);
          }
        }
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
    const shape = KEY_SHAPES[bit];
    const key = shape ? keyOf(bytes, at + shape.from, shape.width) : 0;
    let link = shape ? (index.heads[hash(key, index.hashShift)] ?? 0) : index.shortHead;
    while (link !== 0) {
      const entry = (link - 1) * ENTRY_WORDS;
      link = index.entries[entry + 1] ?? 0;
      // The same key may be found from another pair too: that way it is another entry's.
      if (index.entries[entry] !== key || index.entries[entry + 4] !== bit) continue;

      const literal = index.entries[entry + 2] ?? 0;
      const start = at - (index.entries[entry + 3] ?? 0);
      const length = lengthOf(index.literals, literal);
      if (start < bounds.from || start >= bounds.until || start + length > bounds.end) continue;
      if (standsAt(index.literals, literal, 0, length, bytes, start)) found(literal, start);
    }
  }
}
