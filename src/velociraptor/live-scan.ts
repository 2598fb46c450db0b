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
  try {
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
    known.flow = flow;
    const where = `flow ${flow.id} on ${client.hostname || client.id}`;
    const begun = Date.now();
    let told = '';
    const end = await waitForFlow(connection, client, flow, {
      forMs: waitMs,
      ...(everyMs === undefined ? {} : { everyMs }),
      ...(signal ? { signal } : {}),
      onState(state) {
        const minutes = Math.floor((Date.now() - begun) / 60_000);
        const now = `${state.toLowerCase()}${minutes > 0 ? `, ${minutes} min` : ''}`;
        if (now === told) return;
        told = now;
        onState?.(`${where}${flow.wasRunning ? ' (was there already)' : ''}: ${now}`);
      },
    });
    if (end.state === 'waiting') return await without('waiting', end.note);
    const answer = await readScan(connection, client, flow);
    return {
      state: 'answered',
      note: null,
      provenance: {
        ...(await provenance()),
        artifactVersion: answer.coverage.ArtifactVersion || null,
        link: answer.link,
      },
      ...liveFindings(answer, addresses, notAsked),
    };
  } catch (error) {
    if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
    return without('failed', error.message);
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
