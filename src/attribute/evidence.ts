import type { Process } from '../os/process.ts';
import type { Carrier } from './carriers.ts';
import type { Holdings } from './holdings.ts';
import { HALF_HOLDING, POINTS, type EvidenceKind } from './weights.ts';

/** One contribution to a process' score. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** After discounts. */
  readonly points: number;
  /** Occurrences behind it; 0 where it is no matter of occurrences. */
  readonly hits: number;
  /** What took points away, as "× 0.25: a shell holds what somebody typed"; null: nothing did. */
  readonly discount: string | null;
}

export interface Facts {
  readonly process: Pick<Process, 'commandLine'>;
  readonly holdings: Holdings;
  readonly sent: number;
  readonly isConnectedToProxy: boolean;
  readonly isConnectedToIndicator: boolean;
  readonly carrier: (Carrier & { readonly discountsBehaviour?: boolean }) | null;
  /** The indicators' canonical texts. */
  readonly names: readonly string[];
}

/** Weighs the facts by the one table of points: largest contribution first. */
export function evidenceOf(facts: Facts): Evidence[] {
  const { holdings, carrier, process, sent } = facts;
  const found: [EvidenceKind, share: number, hits: number][] = [];
  if (facts.isConnectedToIndicator) found.push(['socket-to-indicator', 1, 0]);
  if (sent > 0) found.push(['sent-bytes', 1, sent]);
  // A connection to the proxy says something only about a process that holds more than bare bytes, or sent them.
  if (facts.isConnectedToProxy && (holdings.units > 0 || sent > 0)) {
    found.push(['socket-to-proxy', 1, 0]);
  }
  if (holdings.requests > 0) found.push(['request-text', 1, holdings.requests]);
  if (holdings.inPrivateCode > 0) found.push(['private-code', 1, holdings.inPrivateCode]);
  if (facts.names.some((name) => process.commandLine?.includes(name) === true)) {
    found.push(['command-line', 1, 0]);
  }
  if (holdings.units > 0) {
    const share = holdings.units / (holdings.units + HALF_HOLDING);
    found.push(['holding', share, holdings.occurrences.length]);
  }
  if (holdings.byForm.size >= 3) found.push(['several-forms', 1, holdings.occurrences.length]);

  return found
    .map(([kind, share, hits]) => {
      const { points, behaviour } = POINTS[kind];
      const isDiscounted = carrier !== null && (!behaviour || carrier.discountsBehaviour === true);
      return {
        kind,
        points: points * share * (isDiscounted ? carrier.factor : 1),
        hits,
        discount: isDiscounted ? `× ${carrier.factor}: ${carrier.reason}` : null,
      };
    })
    .toSorted((one, other) => other.points - one.points);
}
