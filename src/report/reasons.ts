import type { Attribution } from '../attribute/attribution.ts';
import { isBare } from '../attribute/holdings.ts';
import { isConnectedTo, type Proxy } from '../attribute/proxy.ts';
import type { EvidenceKind } from '../attribute/weights.ts';
import type { Process, Socket } from '../os/process.ts';
import { startedAfter } from './alert.ts';
import type { Findings } from './findings.ts';

/** Why a process is suspected and what speaks against it: a sentence each, for people. */
export function reasonsOf(
  attribution: Attribution,
  process: Process,
  { proxy, alert }: Pick<Findings, 'proxy' | 'alert'>,
): { reasons: string[]; counterReasons: string[] } {
  return {
    reasons: [
      ...attribution.evidence.map(({ kind, hits }) =>
        SENTENCES[kind]({ attribution, process, proxy, hits }),
      ),
      ...(process.isHidden ? ["is missing from the system's own process list"] : []),
    ],
    counterReasons: [...startedAfter(alert, process), ...againstIt(attribution, process, proxy)],
  };
}

interface Told {
  readonly attribution: Attribution;
  readonly process: Process;
  readonly proxy: Proxy | null;
  readonly hits: number;
}

const SENTENCES: Readonly<Record<EvidenceKind, (told: Told) => string>> = {
  'sent-bytes': ({ hits }) =>
    `sent it: the last bytes that it gave to a socket, still kept by the kernel, hold it in ${places(hits)}`,
  'sent-earlier': ({ hits }) =>
    `sent it before: the page from which it sends holds it in ${places(hits)} behind its last request`,
  'socket-to-indicator': () => 'has a socket to the indicator itself',
  'socket-to-proxy': ({ process, proxy }) =>
    proxy
      ? `has a socket to the proxy ${proxy.address}:${proxy.port}${localEnd(process, proxy)}`
      : 'has a socket to the proxy',
  'request-text': ({ hits }) =>
    `holds ${hits === 1 ? 'a request' : `${hits} requests`} to it (CONNECT, absolute URI, Host, SNI) in memory of its own`,
  'private-code': ({ hits }) =>
    `holds it in executable memory with no file behind it (${places(hits)})`,
  'http-library': ({ attribution: { httpLibrary } }) =>
    httpLibrary === null
      ? 'has a library for HTTP that its kind of program should not need'
      : `has ${httpLibrary.name} mapped, ${httpLibrary.why}`,
  'command-line': () => 'was started with it on its command line',
  holding: ({ attribution: { holdings }, hits }) =>
    `holds it in ${places(hits)} (${list(holdings.byRegion)})`,
  'several-forms': ({ attribution: { holdings } }) =>
    `holds it in several forms (${list(holdings.byForm)})`,
};

function againstIt(attribution: Attribution, process: Process, proxy: Proxy | null): string[] {
  const { holdings, carrier, isConnectedToProxy, isConnectedToIndicator } = attribution;
  const total = holdings.occurrences.length;
  const against: string[] = [];
  if (carrier) against.push(`is ${withArticle(carrier.kind)}: ${carrier.reason}`);
  if (proxy && !isConnectedToProxy && !isConnectedToIndicator) {
    against.push('had no socket to the proxy when the image was taken');
  }
  for (const { kind, discount } of attribution.evidence) {
    if (kind === 'socket-to-proxy' && discount !== null) {
      against.push(`its connection to the proxy counts less (${discount})`);
    }
  }
  if (total > 0 && [...holdings.byForm.keys()].every(isBare)) {
    against.push('holds only the bare address bytes, which stand in memory by chance too');
  }
  if (total > 0 && holdings.exclusive === 0) {
    against.push('shares every one of these pages with other processes');
  }
  if (total > 0 && holdings.byRegion.get('file') === total) {
    against.push('holds it only in files that it has mapped: reading, not talking');
  }
  if (holdings.inLists > 0) {
    against.push(`${places(holdings.inLists)} of it stand in lists of many addresses`);
  }
  if (holdings.contradicted > 0) {
    against.push(
      `the kernel’s own books of frames give ${places(holdings.contradicted)} of it to another, or to nobody (smear)`,
    );
  }
  if (process.state === 'exited') against.push('had ended when the image was taken');
  return against;
}

/** "a log service", "an anti-virus". */
export const withArticle = (noun: string): string =>
  `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;

export const places = (count: number): string => (count === 1 ? '1 place' : `${count} places`);

const list = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, hits]) => `${name} ${hits}`)
    .join(', ');

function localEnd(process: Process, proxy: Proxy): string {
  const socket: Socket | undefined = process.sockets.find((one) =>
    isConnectedTo({ ...process, sockets: [one] }, proxy),
  );
  return socket ? ` (${socket.state ?? socket.protocol}, local port ${socket.local.port})` : '';
}
