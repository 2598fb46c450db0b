import { pairsAt } from '../scan/key-window.ts';
import type { Literal } from '../scan/literal.ts';
import type { Asker } from './asker.ts';
import type { GroupReader } from './group-reader.ts';
import { CLASS_BITS, LETTERS, slotOf } from './signature.ts';

/**
 * Of each class of signatures the bits that every page with the literal has: at each place one of these. Ascending by how
 * common the pair is, so that most pages are passed after few.
 */
export type LiteralSlots = readonly (readonly Uint16Array[])[];

/** Of longer literals the first pairs tell enough. */
const MOST_PAIRS = 64;

/** Null where a signature cannot tell: pages that are all zero have none, so a literal of zeros could be missed. */
export function slotsOf(literal: Literal): LiteralSlots | null {
  const { bytes } = literal;
  if (bytes.length < 2 || bytes.every((byte) => byte === 0)) return null;
  const places = new Map<string, number[]>();
  const most = Math.min(bytes.length - 1, MOST_PAIRS);
  for (let at = 0; at < most; at += 1) {
    const pairs = [...pairsAt(literal, at)];
    places.set(pairs.join(), pairs);
    const letters = lettersAt(literal, at);
    if (letters.length > 0) places.set(letters.join(), letters);
  }
  const rarestFirst = [...places.values()].toSorted(
    (one, other) => commonness(one) - commonness(other),
  );
  return CLASS_BITS.map((bits) =>
    rarestFirst.map((pairs) => Uint16Array.from(new Set(pairs.map((pair) => slotOf(pair, bits))))),
  );
}

/** The pairs, in any spelling, of this byte and the next but one, where only a zero stands between them. */
function lettersAt({ bytes, ignoresCase }: Literal, at: number): number[] {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 2] ?? 0;
  if (first === 0 || bytes[at + 1] !== 0 || second === 0) return [];
  const both = { bytes: Uint8Array.of(first, second), ignoresCase };
  return [...pairsAt(both, 0)].map((pair) => pair | LETTERS);
}

/** Nearly every page has two zeros, and many a letter next to one. */
const commonness = (pairs: readonly number[]): number =>
  Math.max(...pairs.map((pair) => ((pair & 0xff) === 0 ? 1 : 0) + (pair >> 8 === 0 ? 1 : 0)));

/** Puts the pages of a group in which one of the literals can stand into the asker's row `found`: beyond the last one any. */
export function findPages(group: GroupReader, literals: LiteralSlots, asker: Asker): void {
  const { found } = asker.places;
  const { rowBytes } = group;
  asker.bytes.fill(0, found, found + rowBytes);
  for (const slots of literals) {
    asker.startRow(rowBytes);
    let left = Infinity;
    for (let at = 0; at < slots.length && left > FEW; at += 1) {
      // Each letter has two spellings, two letters have four.
      const rows = Array.from(slots[at] ?? [], (slot) => group.row(slot));
      left = asker.narrow(rowBytes, rows);
    }
    if (left > 0) asker.keepRow(rowBytes);
  }
}

/** So few pages are looked at sooner than another row is read. */
const FEW = 3;
