import type { Process } from '../os/process.ts';
import type { Carrier, KnownCarrier } from './carriers.ts';
import type { Holdings } from './holdings.ts';
import type { UnusualLibrary } from './http-libraries.ts';
import { FACTORS, HALF_HOLDING, POINTS, type EvidenceKind } from './weights.ts';

/** One contribution to a process' score. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** After discounts. */
  readonly points: number;
  /** Occurrences behind it; 0 where it is no matter of occurrences. */
  readonly hits: number;
  /** It shows the process talking to the indicator, or to the proxy with nothing to say that it was for another. */
  readonly behaves: boolean;
  /** What took points away, as "× 0.25: a shell holds what somebody typed"; null: nothing did. */
  readonly discount: string | null;
}

export interface Facts {
  readonly process: Pick<Process, 'commandLine'>;
  readonly holdings: Holdings;
  /** Occurrences among the bytes that it sent last, and among those that it sent earlier. */
  readonly sentLast: number;
  readonly sentEarlier: number;
  /** Hosts that its last plain requests were for; empty where they cannot be read. */
  readonly askedFor: readonly string[];
  readonly isConnectedToProxy: boolean;
  readonly isConnectedToIndicator: boolean;
  readonly carrier: (Carrier & Partial<KnownCarrier>) | null;
  readonly httpLibrary: UnusualLibrary | null;
  /** The indicators' canonical texts. */
  readonly names: readonly string[];
}

/** Weighs the facts by the one table of points: behaviour first, then the largest contribution. */
export function evidenceOf(facts: Facts): Evidence[] {
  const { holdings, carrier, process, sentLast, sentEarlier } = facts;
  const found: [EvidenceKind, share: number, hits: number][] = [];
  if (facts.isConnectedToIndicator) found.push(['socket-to-indicator', 1, 0]);
  if (sentLast > 0) found.push(['sent-bytes', 1, sentLast]);
  else if (sentEarlier > 0) found.push(['sent-earlier', 1, sentEarlier]);
  // A connection to the proxy says something only about a process that holds more than bare bytes, or sent them.
  if (facts.isConnectedToProxy && (holdings.units > 0 || sentLast + sentEarlier > 0)) {
    found.push(['socket-to-proxy', 1, 0]);
  }
  if (holdings.requests > 0) found.push(['request-text', 1, holdings.requests]);
  if (holdings.inPrivateCode > 0) found.push(['private-code', 1, holdings.inPrivateCode]);
  // Alone it says nothing of this indicator.
  if (facts.httpLibrary !== null && (holdings.units > 0 || sentLast + sentEarlier > 0)) {
    found.push(['http-library', 1, 0]);
  }
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
      const discounts: { factor: number; reason: string }[] = [];
      const isContent = kind === 'holding' || kind === 'several-forms';
      const isTrade = carrier?.isOfContent === true ? isContent : !behaviour;
      if (carrier !== null && (isTrade || carrier.discountsBehaviour === true)) {
        discounts.push(carrier);
      }
      const isForOthers = kind === 'socket-to-proxy' && asksElsewhere(facts);
      if (isForOthers) {
        const hosts = facts.askedFor.slice(0, 3).join(', ');
        discounts.push({
          factor: FACTORS.elsewhere.factor,
          reason: `${FACTORS.elsewhere.reason} (${hosts})`,
        });
      }
      return {
        kind,
        points: discounts.reduce((left, { factor }) => left * factor, points * share),
        hits,
        behaves: behaviour && !isForOthers,
        discount:
          discounts.length === 0
            ? null
            : discounts.map(({ factor, reason }) => `× ${factor}: ${reason}`).join('; '),
      };
    })
    .toSorted(
      (one, other) =>
        Number(POINTS[other.kind].behaviour) - Number(POINTS[one.kind].behaviour) ||
        other.points - one.points,
    );
}

/** Its last requests can be read, and none of them is for an indicator. */
const asksElsewhere = ({ askedFor, names, sentLast, sentEarlier }: Facts): boolean =>
  askedFor.length > 0 &&
  sentLast + sentEarlier === 0 &&
  !askedFor.some((host) => names.some((name) => name.includes(host)));
