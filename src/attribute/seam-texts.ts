import type { Seam } from '../engine/engine.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern, Recognition } from '../indicator/pattern.ts';
import { recognise } from '../indicator/recognise.ts';
import { frameStart, PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
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
  const byFirstByte = indexByFirstByte(patterns);
  const longest = patterns.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
  const reach = Math.min(longest + CONTEXT_BYTES, PAGE_BYTES);
  const bytes = new Uint8Array(2 * reach);
  const before = bytes.subarray(0, reach);
  const behind = bytes.subarray(reach);
  for (const seam of seams) {
    // The seam knows its frames: no table is asked for them again.
    if (memory.read(physical(frameStart(seam.first) + PAGE_BYTES - reach), before) < reach)
      continue;
    const held = reach + memory.read(frameStart(seam.second), behind);
    // A literal that crosses the edge begins at most its own length before it.
    for (let at = Math.max(reach - longest, 0); at < reach && at < held; at += 1) {
      for (const pattern of byFirstByte[bytes[at] ?? 0] ?? []) {
        const indicator = indicators[pattern.indicator];
        if (!indicator || !holdsAt(pattern, bytes.subarray(0, held), at)) continue;
        const recognition = recognise(pattern, indicator, bytes.subarray(0, held), at);
        if (!recognition || !crosses(recognition, reach)) continue;
        const window = { bytes: bytes.slice(0, held), start: recognition.start, edge: reach };
        yield { seam, pattern, indicator, recognition, window };
      }
    }
  }
}

const crosses = ({ start, length }: Recognition, edge: number): boolean =>
  start < edge && start + length > edge;

function indexByFirstByte(patterns: readonly BytePattern[]): (BytePattern[] | undefined)[] {
  const index: (BytePattern[] | undefined)[] = [];
  for (const pattern of patterns) {
    const first = pattern.bytes[0] ?? 0;
    (index[first] ??= []).push(pattern);
    const isLetter = first >= 0x61 && first <= 0x7a;
    if (pattern.ignoresCase && isLetter) (index[first - 0x20] ??= []).push(pattern);
  }
  return index;
}
