import type { Engine } from '../engine/engine.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { Process } from '../os/process.ts';
import { carrierOf, type Carrier } from './carriers.ts';
import { evidenceOf, type Evidence } from './evidence.ts';
import { httpLibraryFinder, type UnusualLibrary } from './http-libraries.ts';
import { holdingsOf, isBare, type Holdings } from './holdings.ts';
import type { Occurrence } from './occurrence.ts';
import { isConnectedTo, type Proxy } from './proxy.ts';
import { roleOf } from './roles.ts';
import type { Sent } from './sent.ts';
import { verdictOf, type ProcessVerdict } from './verdict.ts';
import { CAP_WITHOUT_BEHAVIOUR } from './weights.ts';

/** What one process has to do with the indicators, weighed. */
export interface Attribution {
  /** Index into the engine's processes. */
  readonly process: number;
  readonly holdings: Holdings;
  /** Indices of the occurrences in bytes that it sent: last first. */
  readonly sent: readonly number[];
  /** Hosts that its last plain requests were for. */
  readonly askedFor: readonly string[];
  readonly isConnectedToProxy: boolean;
  readonly isConnectedToIndicator: boolean;
  readonly carrier: Carrier | null;
  readonly role: string | null;
  /** A library for HTTP that its kind of program should not need. */
  readonly httpLibrary: UnusualLibrary | null;
  /** Every contribution to the score, largest first. */
  readonly evidence: readonly Evidence[];
  /** Whole points, 0 to 100. */
  readonly score: number;
  readonly verdict: ProcessVerdict;
}

/** Every process that holds an indicator, has sent it or is connected to it: the likeliest first. */
export function attribute(
  indicators: readonly Indicator[],
  engine: Engine,
  sent: ReadonlyMap<number, Sent>,
  occurrences: readonly Occurrence[],
  proxy: Proxy | null,
): Attribution[] {
  const { processes } = engine;
  const held = heldBy(occurrences);
  const addresses = new Set(indicators.map(({ text }) => text));
  const isPeer = ({ sockets }: Process) =>
    sockets.some(({ remote }) => remote !== null && addresses.has(remote.address));

  const httpLibraryOf = httpLibraryFinder(engine);
  const attributions: Attribution[] = [];
  for (const [index, process] of processes.entries()) {
    const list = held.get(index) ?? [];
    const { last = [], earlier = [], askedFor = [] } = sent.get(index) ?? {};
    const sentList = [...last, ...earlier];
    const isConnectedToIndicator = isPeer(process);
    if (list.length === 0 && sentList.length === 0 && !isConnectedToIndicator) continue;
    const holdings = holdingsOf(index, list, occurrences, engine);
    const isConnectedToProxy = proxy !== null && isConnectedTo(process, proxy);
    const carrier = carrierOf(process);
    const httpLibrary = httpLibraryOf(index);
    const facts = {
      process,
      holdings,
      sentLast: last.length,
      sentEarlier: earlier.length,
      askedFor,
      isConnectedToProxy,
      isConnectedToIndicator,
      carrier,
      httpLibrary,
      names: [...addresses],
    };
    const evidence = evidenceOf(facts);
    const kinds = new Set(evidence.map(({ kind }) => kind));
    const score = scoreOf(evidence);
    // A request in its own memory is more than what a browser's pages say.
    const isTrade = carrier !== null && !(carrier.isOfContent && holdings.requests > 0);
    const isExplained = isTrade || [...holdings.byForm.keys()].every(isBare);
    attributions.push({
      process: index,
      holdings,
      sent: sentList,
      askedFor,
      isConnectedToProxy,
      isConnectedToIndicator,
      carrier,
      role: roleOf(process),
      httpLibrary,
      evidence,
      score,
      verdict: verdictOf(score, kinds, isExplained || isAllListed(holdings)),
    });
  }
  return attributions.toSorted(
    (one, other) =>
      other.score - one.score ||
      other.holdings.exclusive - one.holdings.exclusive ||
      one.process - other.process,
  );
}

function heldBy(occurrences: readonly Occurrence[]): Map<number, number[]> {
  const held = new Map<number, number[]>();
  occurrences.forEach(({ owners }, index) => {
    for (const process of new Set(owners.map((owner) => owner.process))) {
      const list = held.get(process);
      if (list) list.push(index);
      else held.set(process, [index]);
    }
  });
  return held;
}

function scoreOf(evidence: readonly Evidence[]): number {
  const sum = evidence.reduce((total, { points }) => total + points, 0);
  const isSeenTalking = evidence.some(({ behaves, points }) => behaves && points > 0);
  return Math.round(Math.min(sum, isSeenTalking ? 100 : CAP_WITHOUT_BEHAVIOUR));
}

/** Everything it holds stands in lists of addresses. */
const isAllListed = ({ inLists, occurrences }: Holdings): boolean =>
  inLists > 0 && inLists === occurrences.length;
