import type { Seam } from '../engine/engine.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern, Recognition } from '../indicator/pattern.ts';
import { recognise } from '../indicator/recognise.ts';
import { frameStart, PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { Beginnings } from './beginnings.ts';
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
  const beginnings = new Beginnings(patterns);
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
    const window = both.subarray(0, held);
    for (
      let at = beginnings.next(both, Math.max(reach - longest, 0), reach);
      at < reach;
      at = beginnings.next(both, at + 1, reach)
    ) {
      for (const number of beginnings.at(both, at)) {
        const pattern = patterns[number];
        const indicator = pattern && indicators[pattern.indicator];
        if (!indicator || !holdsAt(pattern, window, at)) continue;
        const bytes = both.slice(0, held);
        const recognition = recognise(pattern, indicator, bytes, at);
        if (!recognition || !crosses(recognition, reach)) continue;
        const found = { bytes, start: recognition.start, edge: reach };
        yield { seam, pattern, indicator, recognition, window: found };
      }
    }
  }
}

const crosses = ({ start, length }: Recognition, edge: number): boolean =>
  start < edge && start + length > edge;
