import type { Agreement } from '../os/agreement.ts';
import type { Report } from './report.ts';

/** What the books of frames say of the mappings by which hits were given to processes. */
export function agreementsOf(
  occurrences: readonly { readonly owners: readonly { readonly agreement: Agreement }[] }[],
): Record<Agreement, number> {
  const counts = { confirmed: 0, contradicted: 0, unchecked: 0 };
  for (const { owners } of occurrences) {
    for (const { agreement } of owners) counts[agreement] += 1;
  }
  return counts;
}

/** One line for people; none where no hit has an owner, or where the system keeps no books that could be read. */
export function agreementLines({ mappings }: Pick<Report['coverage'], 'mappings'>): string[] {
  const { confirmed, contradicted, unchecked } = mappings;
  if (confirmed + contradicted === 0) return [];
  const total = confirmed + contradicted + unchecked;
  return [
    [
      `Mappings of hits checked against the kernel's books of frames: ${confirmed} of ${total} confirmed both ways`,
      ...(contradicted > 0 ? [`${contradicted} contradicted (smear)`] : []),
      ...(unchecked > 0 ? [`${unchecked} not checkable`] : []),
    ].join(', '),
  ];
}

/** For a place that is told with its page state: "anonymous, confirmed both ways". */
export const AGREEMENT_WORDS: Readonly<Record<Agreement, string | null>> = {
  confirmed: 'confirmed both ways',
  contradicted: 'contradicted by the kernel’s books',
  unchecked: null,
};
