import { setTimeout as wait } from 'node:timers/promises';
import type { Proxy } from '../attribute/proxy.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { LiveFindings } from '../report/live-part.ts';
import { askable } from './askable.ts';
import type { Connection } from './connection.ts';
import { findClient, type FleetClient } from './find-client.ts';
import { artifactFor, type Flow } from './flow.ts';
import { flowFacts } from './flow-facts.ts';
import { liveFindings } from './live-findings.ts';
import { readScan } from './scan-results.ts';
import { startFlow } from './start-flow.ts';
import { VelociraptorError } from './velociraptor-error.ts';
import { waitForFlow } from './wait-for-flow.ts';

/** What is asked of one running machine. */
export interface LiveScan {
  /** Host name, client id "C.…", or an address. */
  readonly machine: string;
  readonly indicators: readonly Indicator[];
  /** Only one that was given: one inferred from an image is inferred again there. */
  readonly proxy: Proxy | null;
  /** Repeated in its results, so that they are found by case. */
  readonly caseId?: string;
}

export interface LiveScanOptions {
  /** How long to wait for the answer; the flow goes on after that. */
  readonly waitMs: number;
  /** Default: 5,000. */
  readonly everyMs?: number;
  /** Seconds that the collection may take on the machine. Default: 3,600. */
  readonly scanSeconds?: number;
  readonly signal?: AbortSignal;
  /** A sentence for people, each time that something has changed. */
  readonly onState?: (sentence: string) => void;
}

const SCAN_SECONDS = 3600;
/** A server that is away for a moment is asked again; so is one whose answer we had no time to read beside an image. */
const MOST_ATTEMPTS = 3;

/**
 * Finds the machine, starts the scan or takes up one with the same question, waits, and reads what it found. Whatever
 * Velociraptor does not do becomes the state and the note of the answer, with all that was known until then.
 *
 * @throws Ip2ProcessError kind 'request' where nothing can be asked, 'cancelled' where it was stopped
 */
export async function liveScan(
  connection: Connection,
  { machine, indicators, proxy, caseId = '' }: LiveScan,
  { waitMs, everyMs, scanSeconds = SCAN_SECONDS, signal, onState }: LiveScanOptions,
): Promise<LiveFindings> {
  const { addresses, notAsked } = askable(indicators);
  const known: { client: FleetClient | null; flow: Flow | null } = { client: null, flow: null };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answer();
    } catch (error) {
      if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
      if (attempt === MOST_ATTEMPTS || !isPassing(error)) return without('failed', error.message);
      await wait(attempt * 1000, undefined, signal ? { signal } : {}).catch(() => {
        throw new Ip2ProcessError('cancelled', 'Cannot finish asking Velociraptor: it was stopped');
      });
    }
  }

  async function answer(): Promise<LiveFindings> {
    const client = await findClient(connection, machine);
    known.client = client;
    const flow = await startFlow(connection, client, 'scan', {
      parameters: {
        IPAddress: addresses.join(', '),
        ProxyEndpoints: `Address,Port\n${proxy ? `${proxy.address},${proxy.port}\n` : ''}`,
        ShowScanned: 'Y',
        CaseId: caseId,
      },
      timeoutSeconds: scanSeconds,
    });
    // A second attempt takes up what the first has started.
    if (known.flow?.id !== flow.id) known.flow = flow;
    const end = await waitForFlow(connection, client, flow, {
      forMs: waitMs,
      ...(everyMs === undefined ? {} : { everyMs }),
      ...(signal ? { signal } : {}),
      onState: told(client, flow),
    });
    if (end.state === 'waiting') return without('waiting', end.note);
    const scanned = await readScan(connection, client, flow);
    return {
      state: 'answered',
      note: null,
      provenance: {
        ...(await provenance()),
        artifactVersion: scanned.coverage.ArtifactVersion || null,
        link: scanned.link,
      },
      ...liveFindings(scanned, addresses, notAsked),
    };
  }

  /** A sentence when the state changes, and each minute. */
  function told(client: FleetClient, flow: Flow): (state: string) => void {
    const begun = Date.now();
    let last = '';
    return (state) => {
      const minutes = Math.floor((Date.now() - begun) / 60_000);
      const now = `${state.toLowerCase()}${minutes > 0 ? `, ${minutes} min` : ''}`;
      if (now === last) return;
      last = now;
      onState?.(
        `flow ${flow.id} on ${client.hostname || client.id}${flow.wasRunning ? ' (was there already)' : ''}: ${now}`,
      );
    };
  }

  async function without(state: 'waiting' | 'failed', note: string): Promise<LiveFindings> {
    return {
      state,
      note,
      provenance: await provenance(),
      processes: [],
      otherProcesses: [],
      hits: [],
      coverage: null,
    };
  }

  async function provenance(): Promise<LiveFindings['provenance']> {
    const { client, flow } = known;
    const facts = flow ? await flowFacts(connection, flow) : null;
    return {
      server: connection.address,
      organisation: connection.organisation,
      user: connection.user,
      asked: machine,
      client: client?.id ?? null,
      hostName: client?.hostname || null,
      foundBy: client?.foundBy ?? null,
      flow: flow?.id ?? null,
      wasRunning: flow?.wasRunning ?? false,
      startedBy: facts?.startedBy ?? null,
      artifact: client && client.system !== 'other' ? artifactFor(client.system, 'scan') : null,
      artifactVersion: null,
      startedAt: facts?.startedAt ?? null,
      endedAt: facts?.endedAt ?? null,
      link: null,
    };
  }
}

/** A call that failed on its way, and not what it asked for: only those have a status of gRPC. */
const isPassing = (error: Ip2ProcessError): boolean =>
  error instanceof VelociraptorError &&
  error.place['code'] !== undefined &&
  (error.reason === 'unreachable' || error.reason === 'slow');
