import { folded, type Literal, spellings } from './literal.ts';

/** Which edge of a page: `tail` is its end, with the beginning of a text; `head` its start, with the rest of one. */
export type Edge = 'tail' | 'head';

/**
 * Says whether a page's edge can be one half of a literal that was cut there: its end a proper beginning of some
 * literal, or its start a proper end of one. Never misses a half; says yes too often only in pages of fewer than
 * three bytes.
 *
 * Halves are read from the edge inwards, so a half of one or two bytes is known by the first pair of bytes, and the
 * pair sorts out nearly every page that holds none.
 */
export class EdgeIndex {
  /** By the two bytes nearest the edge: 0 no half, 1 a whole half, 2 the beginning of longer ones. */
  private readonly near = new Uint8Array(0x10000);
  /** Longer halves by their three bytes nearest the edge, in lower case. */
  private readonly halves = new Map<number, Half[]>();
  private readonly step: 1 | -1;

  constructor(literals: readonly Literal[], edge: Edge) {
    this.step = edge === 'head' ? 1 : -1;
    const known = new Set<string>();
    for (const { bytes, ignoresCase } of literals) {
      for (let length = 1; length < bytes.length; length += 1) {
        const half = edge === 'head' ? bytes.subarray(-length) : bytes.subarray(0, length);
        this.enter(half, ignoresCase, known);
      }
    }
  }

  private enter(bytes: Uint8Array, ignoresCase: boolean, known: Set<string>): void {
    const inwards = (index: number): number | undefined =>
      bytes[this.step === 1 ? index : bytes.length - 1 - index];
    const first = inwards(0) ?? 0;
    const second = inwards(1);
    const mark = bytes.length > 2 ? 2 : 1;
    for (const a of spellings(first, ignoresCase)) {
      for (const b of second === undefined ? ALL_BYTES : spellings(second, ignoresCase)) {
        const pair = a | (b << 8);
        this.near[pair] = this.near[pair] === 1 ? 1 : mark;
      }
    }
    if (mark === 1) return;

    // Addresses of one network begin alike. Longer halves are hardly ever the same, and remembering them is dear.
    if (bytes.length <= 32) {
      const name = `${ignoresCase ? 'i' : 'x'}${Buffer.from(bytes).toString('latin1')}`;
      if (known.has(name)) return;
      known.add(name);
    }
    const key = keyOf(first, second ?? 0, inwards(2) ?? 0);
    const sharers = this.halves.get(key);
    if (sharers) sharers.push({ bytes, ignoresCase });
    else this.halves.set(key, [{ bytes, ignoresCase }]);
  }

  /**
   * @param nearest index in `bytes` of the page's byte at the edge
   * @param available how many of the page's bytes `bytes` holds from there inwards
   */
  has(bytes: Uint8Array, nearest: number, available: number): boolean {
    const { step } = this;
    const first = bytes[nearest] ?? 0;
    const second = bytes[nearest + step] ?? 0;
    const near = this.near[first | (second << 8)] ?? 0;
    if (near !== 2) return near === 1 || available < 3;

    const halves = this.halves.get(keyOf(first, second, bytes[nearest + 2 * step] ?? 0)) ?? [];
    return available < 3 || halves.some((half) => holds(half, bytes, nearest, step, available));
  }
}

/** A proper beginning or end of a literal, as the literal has it. */
interface Half {
  readonly bytes: Uint8Array;
  readonly ignoresCase: boolean;
}

const keyOf = (first: number, second: number, third: number): number =>
  folded(first) | (folded(second) << 8) | (folded(third) << 16);

function holds(
  { bytes: half, ignoresCase }: Half,
  bytes: Uint8Array,
  nearest: number,
  step: 1 | -1,
  available: number,
): boolean {
  if (half.length > available) return false;
  const start = step === 1 ? nearest : nearest - half.length + 1;
  for (let index = 0; index < half.length; index += 1) {
    const byte = bytes[start + index] ?? 0;
    if ((ignoresCase ? folded(byte) : byte) !== half[index]) return false;
  }
  return true;
}

const ALL_BYTES: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);
