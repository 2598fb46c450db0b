import type { Engine } from '../engine/engine.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { Indicator, IndicatorKind } from '../indicator/indicator.ts';
import { parseIndicator } from '../indicator/parse-indicator.ts';
import type { Endpoint } from '../os/process.ts';
import type { Attribution } from './attribution.ts';
import { hostsIn, type HostSource } from './host-names.ts';
import type { Occurrence } from './occurrence.ts';
import { neighbourhoods, readWhole } from './neighbourhoods.ts';
import { isConnectedTo, type Proxy } from './proxy.ts';
import type { Sent } from './sent.ts';

/** A name or address that stands next to the indicator in memory of a process that talks to it. */
export interface Pivot {
  readonly kind: IndicatorKind;
  readonly text: string;
  readonly hits: number;
  readonly pids: number[];
  /** Where it stood: "Host header", "CONNECT", "URL", "SNI", "DNS", "sent request"; several with commas. */
  readonly source: string;
}

/** Pivots that are told, and that `--pivot` follows: each costs the second scan up to twelve literals. */
const MOST = 50;
export const MOST_FOLLOWED = 20;

/** Names of vocabularies, not of peers, and names that never leave the machine. */
const NOISE =
  /(^|\.)(w3\.org|purl\.org|xmlsoap\.org|openxmlformats\.org|schemas\.microsoft\.com|ns\.adobe\.com|localhost|localdomain|arpa)$/;

/**
 * Hosts named in the talking processes' own memory near the indicator, and hosts that they asked for: the ones that were
 * sent first, then by how often they stand there.
 */
export function pivotsOf(
  indicators: readonly Indicator[],
  engine: Engine,
  occurrences: readonly Occurrence[],
  attributions: readonly Attribution[],
  proxy: Endpoint | null,
): Pivot[] {
  const known = new Set([...indicators.map(({ text }) => text), proxy?.address ?? '']);
  const pivots = new Map<string, Seen>();
  /** A host stands there again and again. */
  const peers = new Map<string, Indicator | null>();
  for (const attribution of attributions) {
    const { verdict, process: index } = attribution;
    const process = engine.processes[index];
    if (!process || (verdict !== 'responsible' && verdict !== 'likely')) continue;
    for (const host of attribution.askedFor) see(host, process.pid, 'sent request');
    for (const place of neighbourhoods(attribution, occurrences)) {
      for (const { host, source } of hostsIn(readWhole(engine, place))) {
        see(host, process.pid, source);
      }
    }
  }
  return [...pivots.values()]
    .toSorted(
      (one, other) =>
        Number(other.sources.has('sent request')) - Number(one.sources.has('sent request')) ||
        other.hits - one.hits ||
        (one.indicator.text < other.indicator.text ? -1 : 1),
    )
    .slice(0, MOST)
    .map(({ indicator: { kind, text }, hits, pids, sources }) => ({
      kind,
      text,
      hits,
      pids: [...pids],
      source: [...sources].join(', '),
    }));

  function see(host: string, pid: number, source: HostSource | 'sent request'): void {
    const indicator = peers.has(host) ? peers.get(host) : peerOf(host);
    peers.set(host, indicator ?? null);
    if (!indicator || known.has(indicator.text)) return;
    const seen = pivots.get(indicator.text) ?? {
      indicator,
      hits: 0,
      pids: new Set<number>(),
      sources: new Set<string>(),
    };
    seen.hits += 1;
    seen.pids.add(pid);
    seen.sources.add(source);
    pivots.set(indicator.text, seen);
  }
}

/** What processes with a connection to the proxy asked it for, the hosts that fewest asked for first. */
export function hostsAskedFor(
  engine: Engine,
  sent: ReadonlyMap<number, Sent>,
  proxy: Proxy | null,
): string[] {
  const askers = new Map<string, number>();
  for (const [index, { askedFor }] of sent) {
    const process = engine.processes[index];
    if (!process || proxy === null || !isConnectedTo(process, proxy)) continue;
    for (const host of askedFor) {
      const peer = peerOf(host);
      if (peer) askers.set(peer.text, (askers.get(peer.text) ?? 0) + 1);
    }
  }
  return [...askers]
    .toSorted(([one, few], [other, many]) => few - many || (one < other ? -1 : 1))
    .map(([host]) => host);
}

interface Seen {
  readonly indicator: Indicator;
  hits: number;
  readonly pids: Set<number>;
  readonly sources: Set<string>;
}

/**
 * A host as an indicator; null for what can be no peer beyond the proxy. A name needs two labels, the last of letters:
 * whoever goes through the proxy has one. No list of top-level domains: it would age, and refuse a company's own.
 */
export function peerOf(host: string): Indicator | null {
  try {
    const indicator = parseIndicator(host);
    const { kind, text } = indicator;
    if (kind === 'ipv4') return text.startsWith('127.') ? null : indicator;
    if (kind !== 'domain') return kind === 'ipv6' ? indicator : null;
    return /\.(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/.test(text) && !NOISE.test(text)
      ? indicator
      : null;
  } catch (error) {
    if (error instanceof Ip2ProcessError) return null;
    throw error;
  }
}
