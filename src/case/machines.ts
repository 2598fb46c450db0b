import { isOurs } from './indicators.ts';
import type { Proxy } from '../attribute/proxy.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { ImageCandidate } from '../evidence/evidence.ts';
import { hostOf } from '../evidence/find-images.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { LiveFindings } from '../report/live-part.ts';
import { forTerminal } from '../report/text-safety.ts';
import type { Case, Observable } from '../thehive/thehive.ts';

/** Running machines, for a case. */
export interface Machines {
  ask(question: {
    readonly machine: string;
    readonly indicators: readonly Indicator[];
    readonly proxy: Proxy | null;
    readonly caseId: string;
  }): Promise<LiveFindings>;
  /** Has an image taken, or takes up one of the last hours; null: that is not allowed. */
  readonly collect:
    | ((question: { readonly machine: string; readonly caseId: string }) => Promise<ImageCandidate>)
    | null;
}

/** Machines that one run asks. */
const MOST_MACHINES = 3;

/**
 * The machines of a case: by the tag "host:NAME" of what was clicked, else of all observables and the case itself, else its
 * observables of type hostname. Each once, without regard to case.
 */
export function machinesOf(
  about: Pick<Case, 'tags'>,
  observables: readonly Observable[],
  clicked: Observable | null,
): string[] {
  const own = clicked ? hostOf(clicked.tags) : null;
  if (own !== null) return [own];
  const tagged = [about.tags, ...observables.map(({ tags }) => tags)].flatMap(
    (tags) => hostOf(tags) ?? [],
  );
  const named = observables
    .filter((one) => one.dataType === 'hostname' && !isOurs(one))
    .flatMap(({ data }) => (/^[\w.-]{1,253}$/.test(data ?? '') ? [data ?? ''] : []));
  const machines = new Map(
    (tagged.length > 0 ? tagged : named).map((name) => [name.toLowerCase(), name]),
  );
  return [...machines.values()];
}

/** @throws Ip2ProcessError kind 'request' where there are too many to be meant */
export function refuseMany(names: readonly string[]): void {
  if (names.length <= MOST_MACHINES) return;
  throw new Ip2ProcessError(
    'request',
    `Cannot ask ${names.length} machines at once, at most ${MOST_MACHINES}: ${names
      .slice(0, 10)
      .map((name) => forTerminal(name, 80))
      .join(', ')}; tag the observable that is meant with host:NAME, and start on it`,
    { machines: names.length },
  );
}
