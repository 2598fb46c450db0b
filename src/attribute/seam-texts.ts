import type { Seam } from '../engine/engine.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern, Recognition } from '../indicator/pattern.ts';
import { recognise } from '../indicator/recognise.ts';
import { frameStart, PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { folded } from '../scan/literal.ts';
import { holdsAt } from './literal.ts';
import { CONTEXT_BYTES, type Window } from './owner-window.ts';
import type { Question } from './question.ts';

/** A text that runs over a seam: begins in the first frame, ends in the second. */
export interface SeamText {
  readonly seam: Seam;
  readonly pattern: BytePattern;
  readonly indicator: Indicator;
  readonly recognition: Recognition;
  /** `edge`: index in the window of the second page's first byte. */
  readonly window: Window & { readonly edge: number };
}

/** Looks over every seam for texts that neither frame holds alone. */
export function* seamTexts(
  { patterns, indicators }: Question,
  seams: readonly Seam[],
  memory: PhysicalMemory,
): Generator<SeamText> {
  if (seams.length === 0) return;
  const numbersBy = byBeginning(patterns);
  const longest = patterns.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
  const reach = Math.min(longest + CONTEXT_BYTES, PAGE_BYTES);
  const both = new Uint8Array(2 * reach);
  const before = both.subarray(0, reach);
  const behind = both.subarray(reach);
  for (const seam of seams) {
    // The seam knows its frames: no table is asked for them again.
    if (memory.read(physical(frameStart(seam.first) + PAGE_BYTES - reach), before) < reach)
      continue;
    const held = reach + memory.read(frameStart(seam.second), behind);
    // A text that crosses the edge begins at most its own length before it.
    for (let at = Math.max(reach - longest, 0); at < reach; at += 1) {
      for (const number of numbersBy.get(beginningOf(both, at)) ?? []) {
        const pattern = patterns[number];
        const indicator = pattern && indicators[pattern.indicator];
        if (!indicator || !holdsAt(pattern, both.subarray(0, held), at)) continue;
        const bytes = both.slice(0, held);
        const recognition = recognise(pattern, indicator, bytes, at);
        if (!recognition || !crosses(recognition, reach)) continue;
        const window = { bytes, start: recognition.start, edge: reach };
        yield { seam, pattern, indicator, recognition, window };
      }
    }
  }
}

/** Numbers of patterns by what they begin with: seams are few, and an index such as the scan's takes longer to make. */
function byBeginning(patterns: readonly BytePattern[]): ReadonlyMap<number, readonly number[]> {
  const numbersBy = new Map<number, number[]>();
  for (const [number, { bytes }] of patterns.entries()) {
    const beginning = beginningOf(bytes, 0);
    const numbers = numbersBy.get(beginning);
    if (numbers) numbers.push(number);
    else numbersBy.set(beginning, [number]);
  }
  return numbersBy;
}

/** Two bytes, letters of either case together. */
const beginningOf = (bytes: Uint8Array, at: number): number =>
  folded(bytes[at] ?? 0) | (folded(bytes[at + 1] ?? 0) << 8);

const crosses = ({ start, length }: Recognition, edge: number): boolean =>
  start < edge && start + length > edge;
