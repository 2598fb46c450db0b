import type { Seam } from '../engine/engine.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern, Recognition } from '../indicator/pattern.ts';
import { recognise } from '../indicator/recognise.ts';
import { frameStart, PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { indexLiterals } from '../scan/literal-index.ts';
import { portableMatcher } from '../scan/portable-matcher.ts';
import { literalsOf } from '../scan/scan-task.ts';
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

/** Looks over every seam for texts that neither frame holds alone: all of them at once, as the scan does. */
export function* seamTexts(
  { patterns, indicators }: Question,
  seams: readonly Seam[],
  memory: PhysicalMemory,
): Generator<SeamText> {
  if (seams.length === 0) return;
  const literals = literalsOf(patterns);
  const longest = patterns.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
  const reach = Math.min(longest + CONTEXT_BYTES, PAGE_BYTES);
  const matcher = portableMatcher(indexLiterals(literals, false), 2 * reach);
  const before = matcher.bytes.subarray(0, reach);
  const behind = matcher.bytes.subarray(reach);
  for (const seam of seams) {
    // The seam knows its frames: no table is asked for them again.
    if (memory.read(physical(frameStart(seam.first) + PAGE_BYTES - reach), before) < reach)
      continue;
    const held = reach + memory.read(frameStart(seam.second), behind);
    const found: { at: number; number: number }[] = [];
    // A literal that crosses the edge begins at most its own length before it.
    matcher.match(Math.max(reach - longest, 0), reach, held, (literal, at) => {
      for (const number of literals[literal]?.patterns ?? []) found.push({ at, number });
    });
    if (found.length === 0) continue;

    const bytes = matcher.bytes.slice(0, held);
    for (const { at, number } of found.toSorted((a, b) => a.at - b.at || a.number - b.number)) {
      const pattern = patterns[number];
      const indicator = pattern && indicators[pattern.indicator];
      if (!indicator || !holdsAt(pattern, bytes, at)) continue;
      const recognition = recognise(pattern, indicator, bytes, at);
      if (!recognition || !crosses(recognition, reach)) continue;
      const window = { bytes, start: recognition.start, edge: reach };
      yield { seam, pattern, indicator, recognition, window };
    }
  }
}

const crosses = ({ start, length }: Recognition, edge: number): boolean =>
  start < edge && start + length > edge;
