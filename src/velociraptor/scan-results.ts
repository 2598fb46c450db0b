import * as z from 'zod';
import { VERDICTS, type Verdict } from '../attribute/verdict.ts';
import { ask } from './ask.ts';
import type { Connection } from './connection.ts';
import type { FleetClient } from './find-client.ts';
import { artifactFor, type Flow } from './flow.ts';
import { VelociraptorError } from './velociraptor-error.ts';

/** What a live scan answers: the same words as the report on an image. */
export interface LiveAnswer {
  /** 'not-found' also where nothing could be read: `coverage` tells. */
  readonly verdict: Verdict;
  /** The likeliest first. */
  readonly processes: readonly LiveProcess[];
  /** Not read, each with why. Never empty without reason: protected processes are always among them. */
  readonly notScanned: readonly LiveProcess[];
  /** Read, and without the address; told only where the scan was asked to (`ShowScanned`). */
  readonly clean: readonly LiveProcess[];
  /** The most telling first. */
  readonly hits: readonly LiveHit[];
  /** There are more than are read. */
  readonly hitsAreCut: boolean;
  readonly coverage: LiveCoverage;
  /** Page of the flow in Velociraptor's GUI; null where the server has no address for it. */
  readonly link: string | null;
}

export type LiveProcess = z.infer<typeof SummaryRow>;
export type LiveHit = z.infer<typeof HitRow>;
export type LiveCoverage = z.infer<typeof CoverageRow>;

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const count = z.coerce
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const list = z
  .array(z.unknown())
  .nullish()
  .transform((value) => value ?? []);
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

/** A row of the source Summary. Only what is read here; hostile: names and contexts are what the machine says. */
const SummaryRow = z.object({
  Verdict: z.enum(['', ...VERDICTS]),
  Score: count,
  IP: text,
  Pid: z.coerce.number(),
  Ppid: count,
  Name: text,
  Exe: text,
  CommandLine: text,
  Username: text,
  CreateTime: z.union([z.string(), z.number()]).nullish(),
  CallChain: text,
  RequestHits: count,
  AsciiHits: count,
  Utf16Hits: count,
  BinaryHits: count,
  Kinds: texts,
  BestContext: text,
  ProxyConns: list,
  DirectConns: list,
  OtherListeners: list,
  Reasons: texts,
  Noise: text,
  SHA256: text,
  Signer: text,
  ContainerId: text,
  ScanState: text,
});

/** A row of the source Hits. */
const HitRow = z.object({
  Pid: z.coerce.number(),
  Name: text,
  IP: text,
  Form: text,
  Address: text,
  Region: text,
  Place: text,
  Context: text,
});

const CoverageRow = z.object({
  Answer: text,
  Problem: text,
  Searched: text,
  Processes: count,
  Scanned: count,
  Partial: count,
  NoAccess: count,
  Timeout: count,
  Exited: count,
  Skipped: count,
  TotalMB: count,
  Seconds: count,
  YaraKinds: text,
  Connections: count,
  ArtifactVersion: text,
  ProxySource: text,
  ProxyKnown: texts,
});

/** Rows are fetched in parts, so that no message grows with the machine. */
const PART = 500;
const MOST_PROCESSES = 100_000;
/** Of hits, which are 200 for each process and address at most; the rest stays on the server. */
const MOST_HITS = 10_000;
const SUMMARY = `SELECT * FROM source(client_id=ClientId, flow_id=FlowId, artifact=Artifact, source="Summary", start_row=int(int=First), count=int(int=Count))
LIMIT 500`;
const HITS = `SELECT * FROM source(client_id=ClientId, flow_id=FlowId, artifact=Artifact, source="Hits", start_row=int(int=First), count=int(int=Count))
LIMIT 500`;
const COVERAGE = `SELECT * FROM source(client_id=ClientId, flow_id=FlowId, artifact=Artifact, source="Coverage")
LIMIT 1`;
const LINK = `SELECT link_to(type="collection", client_id=ClientId, flow_id=FlowId, raw=TRUE) AS Link FROM scope()`;

/**
 * Reads what a finished scan found.
 *
 * @throws VelociraptorError 'failed' where it gave no Coverage: then nothing is known, and "not found" would be a lie
 */
export async function readScan(
  connection: Connection,
  client: FleetClient,
  flow: Flow,
): Promise<LiveAnswer> {
  if (client.system === 'other')
    throw new VelociraptorError(
      'missing',
      `Cannot read a scan of ${client.id}: its system has none`,
    );
  const env = {
    ClientId: flow.client,
    FlowId: flow.id,
    Artifact: artifactFor(client.system, 'scan'),
  };
  const [coverage] = await ask(connection, 'read Coverage', CoverageRow, COVERAGE, env);
  if (!coverage) {
    throw new VelociraptorError(
      'failed',
      `Cannot answer from flow ${flow.id}: it has no row in Coverage, so nobody knows what was scanned; look at its log`,
    );
  }
  if (coverage.Answer === '' && coverage.Problem !== '') {
    throw new VelociraptorError(
      'failed',
      `Cannot answer from flow ${flow.id}: ${coverage.Problem}`,
    );
  }

  const rows = await inParts('read Summary', SummaryRow, SUMMARY, MOST_PROCESSES);
  const hits = await inParts('read Hits', HitRow, HITS, MOST_HITS);
  const processes = rows.filter(({ Verdict }) => Verdict !== '' && Verdict !== 'not-found');
  const [linked] = await ask(
    connection,
    'link to the flow',
    z.object({ Link: z.string().nullish() }),
    LINK,
    env,
  ).catch(() => []);
  return {
    verdict:
      VERDICTS.find((word) => processes.some(({ Verdict }) => Verdict === word)) ?? 'not-found',
    processes,
    notScanned: rows.filter(({ Verdict }) => Verdict === ''),
    clean: rows.filter(({ Verdict }) => Verdict === 'not-found'),
    hits,
    hitsAreCut: hits.length >= MOST_HITS,
    coverage,
    link: linked?.Link ?? null,
  };

  async function inParts<Row>(
    what: string,
    row: z.ZodType<Row>,
    vql: string,
    most: number,
  ): Promise<Row[]> {
    const all: Row[] = [];
    for (let first = 0; first < most; first += PART) {
      const part = await ask(connection, what, row, vql, {
        ...env,
        First: String(first),
        Count: String(PART),
      });
      all.push(...part);
      if (part.length < PART) break;
    }
    return all;
  }
}
