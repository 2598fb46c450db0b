import type { Attribution } from '../attribute/attribution.ts';
import type { Occurrence, Owner } from '../attribute/occurrence.ts';
import { hex } from '../memory/address.ts';
import type { EvidenceCard } from './report.ts';

/** Cards of a process, and units of text on either side of the indicator. */
const MOST_CARDS = 5;
const SIDE = 64;

/** What a process sent first, then its most telling hits; the same text twice is shown once. */
export function cardsOf(
  { process, sent, holdings }: Attribution,
  occurrences: readonly Occurrence[],
): EvidenceCard[] {
  const cards = new Map<string, EvidenceCard>();
  for (const index of [...sent, ...holdings.occurrences]) {
    const occurrence = occurrences[index];
    if (!occurrence) continue;
    const owner = occurrence.owners.find((one) => one.process === process) ?? null;
    const shown = cardOf(occurrence, owner);
    if (!cards.has(shown.text)) cards.set(shown.text, shown);
    if (cards.size === MOST_CARDS) break;
  }
  return [...cards.values()];
}

function cardOf(occurrence: Occurrence, owner: Owner | null): EvidenceCard {
  const { context, contextStart, length, encoding } = occurrence;
  const unit = encoding === 'utf16le' ? 2 : 1;
  const first = Math.max(contextStart % unit, contextStart - SIDE * unit);
  const last = Math.min(context.length, contextStart + length + SIDE * unit);
  let text = '';
  for (let at = first; at + unit <= last; at += unit) {
    const high = unit === 2 ? (context[at + 1] ?? 0) : 0;
    const low = context[at] ?? 0;
    text += high === 0 && low >= 0x20 && low < 0x7f ? String.fromCharCode(low) : '.';
  }
  return {
    text,
    at: (contextStart - first) / unit,
    length: length / unit,
    bytes: Buffer.from(context.subarray(first, first + text.length * unit)).toString('hex'),
    form: occurrence.form,
    encoding,
    region: owner ? (owner.region?.kind ?? 'unknown') : 'sent bytes, kept by the kernel',
    regionName: owner?.region?.name ?? null,
    protection: owner?.region?.protection ?? null,
    pageState: occurrence.pageState.kind,
    physicalAddress: hex(occurrence.parts[0]?.address ?? 0),
    virtualAddress: owner ? hex(owner.address) : null,
    agreement: owner?.agreement ?? null,
  };
}
