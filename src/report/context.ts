import type { Attribution } from '../attribute/attribution.ts';
import type { Occurrence } from '../attribute/occurrence.ts';
import { hex } from '../memory/address.ts';
import type { ReportProcess } from './report.ts';

type Context = ReportProcess['contexts'][number];

/** Contexts per process, and characters on either side of the indicator. */
const MOST_CONTEXTS = 5;
const SIDE = 64;

/** The best-weighted hits of a process with the text around them; the same text twice is shown once. */
export function contextsOf(
  attribution: Attribution,
  occurrences: readonly Occurrence[],
): Context[] {
  const contexts = new Map<string, Context>();
  for (const index of attribution.occurrences) {
    const occurrence = occurrences[index];
    const owner = occurrence?.owners.find(({ process }) => process === attribution.process);
    if (!occurrence || !owner) continue;
    const shown = printable(occurrence);
    if (contexts.has(shown.text)) continue;
    contexts.set(shown.text, {
      ...shown,
      form: occurrence.form,
      region: owner.region?.name ?? owner.region?.kind ?? 'unknown',
      physicalAddress: hex(occurrence.parts[0]?.address ?? 0),
      virtualAddress: hex(owner.address),
    });
    if (contexts.size === MOST_CONTEXTS) break;
  }
  return [...contexts.values()];
}

/** Text around and of the occurrence: one character per unit of its encoding, what is not printable ASCII as a dot. */
export function printable(occurrence: Occurrence): { text: string; at: number; length: number } {
  const { context, contextStart, length } = occurrence;
  const unit = occurrence.encoding === 'utf16le' ? 2 : 1;
  const first = Math.max(contextStart % unit, contextStart - SIDE * unit);
  const last = Math.min(context.length, contextStart + length + SIDE * unit);
  let text = '';
  for (let at = first; at + unit <= last; at += unit) {
    const high = unit === 2 ? (context[at + 1] ?? 0) : 0;
    const low = context[at] ?? 0;
    text += high === 0 && low >= 0x20 && low < 0x7f ? String.fromCharCode(low) : '.';
  }
  return { text, at: (contextStart - first) / unit, length: length / unit };
}
