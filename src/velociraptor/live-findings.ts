import * as z from 'zod';
import type { LiveConnection, LiveFindings, OtherLiveProcess } from '../report/live-part.ts';
import type { LiveAnswer, LiveHit, LiveProcess } from './scan-results.ts';

/** The machine's own words are hostile: none is longer in a report than this. */
const LONGEST_TEXT = 4096;
/** Of rows of which there may be many thousands. */
const LONGEST_IN_MANY = 512;
const MOST_ITEMS = 50;
/** Processes of which nothing is told but that they were read, or not. */
const MOST_OTHERS = 20_000;

/** Rows of the artifact as the report has them; `notAsked` is what of the question it could not be asked. */
export function liveFindings(
  answer: LiveAnswer,
  searched: readonly string[],
  notAsked: readonly string[],
): Pick<LiveFindings, 'processes' | 'otherProcesses' | 'hits' | 'coverage'> {
  const { coverage } = answer;
  return {
    processes: answer.processes.flatMap((row, index) => processOf(row, index + 1) ?? []),
    otherProcesses: [
      ...answer.notScanned.map((row) => otherOf(row, row.ScanState || 'nobody says why')),
      ...answer.clean.map((row) => otherOf(row, null)),
    ].slice(0, MOST_OTHERS),
    hits: answer.hits.map(hitOf),
    coverage: {
      searched: [...searched],
      notAsked: [...notAsked],
      processes: whole(coverage.Processes),
      scanned: whole(coverage.Scanned),
      partial: whole(coverage.Partial),
      noAccess: whole(coverage.NoAccess),
      timeout: whole(coverage.Timeout),
      exited: whole(coverage.Exited),
      skipped: whole(coverage.Skipped),
      megabytes: whole(coverage.TotalMB),
      seconds: whole(coverage.Seconds),
      kinds: short(coverage.YaraKinds),
      connections: whole(coverage.Connections),
      proxySource: short(coverage.ProxySource),
      proxies: texts(coverage.ProxyKnown),
      listsAll:
        answer.clean.length + new Set(answer.processes.map(({ Pid }) => Pid)).size >=
        coverage.Scanned,
      hitsAreCut: answer.hitsAreCut,
    },
  };
}

function processOf(row: LiveProcess, rank: number): LiveFindings['processes'][number] | null {
  const verdict = row.Verdict;
  // Verdicts of a whole report are none of a process.
  if (verdict === '' || verdict === 'no-owner' || verdict === 'not-found') return null;
  return {
    rank,
    verdict,
    score: Math.min(whole(row.Score), 100),
    indicator: short(row.IP),
    pid: pidOf(row.Pid),
    ppid: pidOf(row.Ppid),
    name: short(row.Name),
    path: orNull(row.Exe),
    commandLine: orNull(row.CommandLine),
    user: orNull(row.Username),
    startTime: timeOf(row.CreateTime),
    callChain: orNull(row.CallChain),
    hits: {
      requests: whole(row.RequestHits),
      ascii: whole(row.AsciiHits),
      utf16: whole(row.Utf16Hits),
      binary: whole(row.BinaryHits),
    },
    forms: texts(row.Kinds),
    context: orNull(row.BestContext),
    connections: [
      ...connectionsOf('indicator', row.DirectConns),
      ...connectionsOf('proxy', row.ProxyConns),
    ],
    listens: row.OtherListeners.slice(0, MOST_ITEMS).flatMap((port) =>
      typeof port === 'number' ? [whole(port)] : [],
    ),
    reasons: texts(row.Reasons),
    carrier: orNull(row.Noise),
    sha256: orNull(row.SHA256),
    signer: orNull(row.Signer),
    container: orNull(row.ContainerId),
    scanState: short(row.ScanState),
  };
}

const otherOf = (row: LiveProcess, notScanned: string | null): OtherLiveProcess => ({
  pid: pidOf(row.Pid),
  name: brief(row.Name),
  path: row.Exe === '' ? null : brief(row.Exe),
  startTime: timeOf(row.CreateTime),
  notScanned: notScanned === null ? null : brief(notScanned),
});

const hitOf = (row: LiveHit): LiveFindings['hits'][number] => ({
  pid: pidOf(row.Pid),
  name: brief(row.Name),
  indicator: brief(row.IP),
  form: brief(row.Form),
  virtualAddress: brief(row.Address),
  region: brief(row.Region),
  place: brief(row.Place),
  context: brief(row.Context),
});

const ConnectionRow = z.object({
  Proxy: z.string().nullish(),
  Remote: z.string().nullish(),
  LocalPort: z.coerce.number().int().nullish().catch(null),
  Status: z.string().nullish(),
  Seen: z.union([z.string(), z.array(z.string())]).nullish(),
});

/** A row of another shape says nothing; the counts of the artifact stand without it. */
const connectionsOf = (peer: LiveConnection['peer'], rows: readonly unknown[]): LiveConnection[] =>
  rows.slice(0, MOST_ITEMS).flatMap((row) => {
    const { data } = ConnectionRow.safeParse(row);
    const remote = data?.Proxy ?? data?.Remote ?? '';
    if (!data || remote === '') return [];
    const seen = typeof data.Seen === 'string' ? [data.Seen] : (data.Seen ?? []);
    return [
      {
        peer,
        remote: short(remote),
        localPort: data.LocalPort ?? null,
        state: orNull(data.Status ?? ''),
        seen: texts(seen),
      },
    ];
  });

/** A text with a zone, or seconds since 1970. */
function timeOf(value: string | number | null | undefined): string | null {
  if (value === null || value === undefined || value === '') return null;
  const time = new Date(typeof value === 'number' ? value * 1000 : value);
  // Velociraptor's zero time is the year 1.
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1970 ? null : time.toISOString();
}

const short = (text: string): string => text.slice(0, LONGEST_TEXT);
const brief = (text: string): string => text.slice(0, LONGEST_IN_MANY);
const orNull = (text: string): string | null => (text === '' ? null : short(text));
const texts = (all: readonly string[]): string[] => all.slice(0, MOST_ITEMS).map(short);
const whole = (value: number): number => Math.min(Math.max(Math.trunc(value), 0), 2 ** 52);
const pidOf = (value: number): number => Math.trunc(value);
