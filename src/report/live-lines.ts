import type { Comparison, LivePart, LiveProcess } from './live-part.ts';
import { connectionText } from './side-by-side.ts';

/** What every printer tells of a live answer, as plain strings: each printer escapes them for its own place. */

export const LIVE_COLUMNS = [
  '#',
  'Verdict',
  'Score',
  'PID',
  'Process',
  'User',
  'Requests',
  'Text',
  'Binary',
  'Socket',
  'Forms',
] as const;

export const liveRow = (process: LiveProcess): string[] => [
  String(process.rank),
  process.verdict,
  String(process.score),
  String(process.pid),
  process.name,
  process.user ?? '',
  String(process.hits.requests),
  String(process.hits.ascii + process.hits.utf16),
  String(process.hits.binary),
  process.connections.some(({ peer }) => peer === 'indicator')
    ? 'indicator'
    : process.connections.length > 0
      ? 'proxy'
      : '-',
  process.forms.join(', '),
];

export const COMPARED_COLUMNS = [
  'PID',
  'Process',
  'Image',
  'Hits',
  'Live',
  'Hits',
  'Live socket',
  'Match',
  'Note',
] as const;

export const comparedRow = ({ match, by, image, live, note }: Comparison): string[] => [
  image && live && image.pid !== live.pid
    ? `${image.pid} / ${live.pid}`
    : String(image?.pid ?? live?.pid ?? ''),
  image && live && match === 'PID reused'
    ? `${image.name} / ${live.name}`
    : (image?.name ?? live?.name ?? ''),
  sideText(image),
  String(image?.hits ?? '-'),
  sideText(live),
  String(live?.hits ?? '-'),
  live?.connections === '' ? '-' : (live?.connections ?? '-'),
  by === null ? match : `${match} (${by})`,
  note,
];

const sideText = (side: Comparison['image']): string =>
  side === null
    ? '-'
    : side.verdict === null
      ? (side.state ?? '-')
      : `${side.verdict} ${side.score ?? ''}`;

/** Facts of one process, name and value; without what stands in its row, and without what is not known. */
export const liveFacts = (process: LiveProcess): (readonly [string, string])[] =>
  factsOf(process).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [[name, value] as const],
  );

const factsOf = (process: LiveProcess): readonly (readonly [string, string | null])[] => [
  ['path', process.path],
  ['command', process.commandLine],
  ['user', process.user],
  ['started', process.startTime],
  ['ancestors', process.callChain],
  ...process.connections
    .slice(0, 5)
    .map(
      (one) => ['socket', `${connectionText(one)} (seen ${one.seen.join(', ')} the scan)`] as const,
    ),
  ['listens', process.listens.length > 0 ? `on ${process.listens.slice(0, 10).join(', ')}` : null],
  ['SHA-256', process.sha256],
  ['signer', process.signer],
  ['container', process.container],
  ['trade', process.carrier],
  ['scan', process.scanState === 'scanned' ? null : process.scanState],
];

/** Who was asked, by whom and when: a sentence each. */
export function provenanceLines({ provenance, state, note }: LivePart): string[] {
  const { server, organisation, user, client, hostName, foundBy, asked } = provenance;
  const { flow, wasRunning, startedBy, artifact, artifactVersion, startedAt, endedAt, link } =
    provenance;
  return [
    `Velociraptor ${server}${organisation === null ? '' : `, organisation ${organisation}`}, asked by ${user}`,
    client === null
      ? `Client: ${asked}, not found`
      : `Client ${client}${hostName ? `, host ${hostName}` : ''}${foundBy ? `, found by its ${foundBy}` : ''}`,
    ...(flow === null
      ? []
      : [
          `Flow ${flow}${wasRunning ? ' (was there already)' : ''}${startedBy ? `, started by ${startedBy}` : ''}${startedAt ? `, ${startedAt}` : ''}${endedAt ? ` to ${endedAt}` : ''}`,
        ]),
    ...(artifact === null
      ? []
      : [`Artifact ${artifact}${artifactVersion ? `, version ${artifactVersion}` : ''}`]),
    ...(link === null ? [] : [link]),
    ...(state === 'answered' || note === null ? [] : [`No answer: ${note}`]),
  ];
}

/** What was searched on the machine, and always what was not. */
export function liveCoverageLines({ coverage, otherProcesses }: LivePart): string[] {
  if (!coverage) return [];
  const unread = otherProcesses.filter(({ notScanned }) => notScanned !== null);
  return [
    `Searched ${coverage.searched.join(', ')} (${coverage.kinds || 'text'}) in ${coverage.scanned} of ${coverage.processes} processes, ${coverage.megabytes} MiB in ${coverage.seconds} s; ${coverage.connections} connections seen`,
    ...(coverage.proxies.length > 0
      ? [`Proxy ${coverage.proxies.join(', ')} (${coverage.proxySource})`]
      : ['No proxy was known there']),
    unread.length === 0
      ? 'Not scanned: none'
      : `Not scanned: ${unread
          .slice(0, MOST_UNREAD)
          .map(({ name, pid, notScanned }) => `${name} (${pid}): ${notScanned ?? ''}`)
          .join(
            '; ',
          )}${unread.length > MOST_UNREAD ? ` … and ${unread.length - MOST_UNREAD} more` : ''}`,
  ];
}

const MOST_UNREAD = 25;
