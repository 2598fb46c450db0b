import type { KeyWindow } from './key-window.ts';
import { type Literal, spellings } from './literal.ts';

/**
 * The coarse first look where many literals are sought, more than `WindowFilter` can tell apart: one row per hash of
 * the three bytes at an even place, a bit in it for each kind of fourth byte. Small enough for a core's nearest cache,
 * which the table of pairs is not, and four bytes let much less through than two. It lets too much through, never too
 * little.
 */
export interface TripleFilter {
  /** `TRIPLE_ROWS` bytes: by `tripleRow`, a bit for each `kindOf` of the fourth byte. */
  readonly rows: Uint8Array;
  /** 0 to 1: the share of the places in noise that it lets through. */
  readonly share: number;
}

const ROW_BITS = 14;
export const TRIPLE_ROWS = 2 ** ROW_BITS;

/** The row of three bytes, letters among the first two in one case (bit 5 set), as ../machine-code/loops.h counts it. */
export const tripleRow = (first: number, second: number, third: number): number =>
  ((Math.imul(first | (second << 8) | 0x2020, ROW_FACTOR) + (third << 8)) & 0xffff) >>>
  (16 - ROW_BITS);

/** Spreads noise evenly over the rows (the lower half of MurmurHash2's factor; others are up to 1.8 times worse). */
const ROW_FACTOR = 0x5bd1;

/** 0 to 7: the same for a letter in either case. */
export const kindOf = (fourth: number): number => fourth & 7;

/** @param chosen where each literal is looked for */
export function tripleFilter(chosen: readonly (readonly [Literal, KeyWindow])[]): TripleFilter {
  const rows = new Uint8Array(TRIPLE_ROWS);
  for (const [literal, { pair }] of chosen) enter(rows, literal, pair);
  let marks = 0;
  for (const row of rows) if (row !== 0) marks += bitsIn(row);
  return { rows, share: marks / (8 * TRIPLE_ROWS) };
}

function enter(rows: Uint8Array, { bytes, ignoresCase }: Literal, pair: number): void {
  const first = spellings(pair < 0 ? undefined : bytes[pair], ignoresCase);
  const second = spellings(bytes[pair + 1], ignoresCase);
  const third = spellings(bytes[pair + 2], ignoresCase);
  const fourth = spellings(bytes[pair + 3], ignoresCase);
  if (first.length * second.length * third.length > TRIPLES_LIMIT) {
    rows.fill(ALL_KINDS);
    return;
  }
  const kinds = fourth.reduce((set, byte) => set | (1 << kindOf(byte)), 0);
  for (const a of first) {
    for (const b of second) {
      for (const c of third) {
        const row = tripleRow(a, b, c);
        rows[row] = (rows[row] ?? 0) | kinds;
      }
    }
  }
}

/** One unknown byte, the others letters. More would fill the table anyway. */
const TRIPLES_LIMIT = 1024;
const ALL_KINDS = 0xff;

function bitsIn(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
