import { pairsAt } from '../scan/key-window.ts';
import type { Literal } from '../scan/literal.ts';
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

/**
 * Adds to `into` (a bit for each page) the pages of a group in which the literal can stand.
 *
 * @param scratch as long as `into`
 */
export function addPages(
  group: GroupReader,
  slots: readonly Uint16Array[],
  into: Uint32Array,
  scratch: Uint32Array,
): void {
  scratch.fill(0xffff_ffff);
  for (const either of slots) {
    const any =
      either.length === 1
        ? narrow(scratch, group, either[0] ?? 0)
        : narrowTo(scratch, group, either);
    if (any === 0) return;
  }
  for (let word = 0; word < into.length; word += 1) {
    into[word] = (into[word] ?? 0) | (scratch[word] ?? 0);
  }
}

/** Returns 0 where nothing is left. */
function narrow(left: Uint32Array, group: GroupReader, slot: number): number {
  const from = group.row(slot);
  const { rows } = group;
  let any = 0;
  for (let word = 0; word < left.length; word += 1) {
    const bits = (left[word] ?? 0) & (rows[from + word] ?? 0);
    left[word] = bits;
    any |= bits;
  }
  return any;
}

function narrowTo(left: Uint32Array, group: GroupReader, either: Uint16Array): number {
  const both = new Uint32Array(left.length);
  for (const slot of either) {
    const from = group.row(slot);
    const { rows } = group;
    for (let word = 0; word < both.length; word += 1) {
      both[word] = (both[word] ?? 0) | (rows[from + word] ?? 0);
    }
  }
  let any = 0;
  for (let word = 0; word < left.length; word += 1) {
    const bits = (left[word] ?? 0) & (both[word] ?? 0);
    left[word] = bits;
    any |= bits;
  }
  return any;
}
