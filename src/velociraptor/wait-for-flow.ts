import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';
import { ask } from './ask.ts';
import type { Connection } from './connection.ts';
import type { FleetClient } from './find-client.ts';
import { type Flow, FlowRow } from './flow.ts';
import { VelociraptorError } from './velociraptor-error.ts';

export interface FlowEnd {
  /** 'waiting': it goes on there, and a later run takes it up again. */
  readonly state: 'finished' | 'waiting';
  readonly rows: number;
  /** Artifact or artifact/source that gave rows. */
  readonly withResults: readonly string[];
  /** For the report: why there is nothing yet. Empty where it finished. */
  readonly note: string;
}

const FLOW = `SELECT session_id, state, status, create_time, total_collected_rows, artifacts_with_results, request
FROM flows(client_id=ClientId, flow_id=FlowId)`;
const LOGS = `SELECT level, message FROM flow_logs(client_id=ClientId, flow_id=FlowId) LIMIT 2000`;
export interface WaitOptions {
  /** After this the answer is 'waiting'. */
  readonly forMs: number;
  /** Default: 5,000. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
  readonly onState?: (state: string) => void;
}

/** A client that was not seen for so long is away: the flow waits for it on the server. */
const OFFLINE_MS = 10 * 60_000;

/**
 * Asks for the state until the flow has ended or the time is over; a server that is away for a while is asked again.
 *
 * @throws VelociraptorError 'failed' with the flow's own last words; the flow and what it collected stay on the server
 */
export async function waitForFlow(
  connection: Connection,
  client: FleetClient,
  flow: Flow,
  { forMs, everyMs = 5_000, signal, onState }: WaitOptions,
): Promise<FlowEnd> {
  const end = Date.now() + forMs;
  const env = { ClientId: flow.client, FlowId: flow.id };
  const options = signal ? { signal } : {};
  for (;;) {
    const row = await ask(connection, 'ask for the flow', FlowRow, FLOW, env, options).then(
      ([first]) => first ?? null,
      (error: unknown) => {
        if (isPassing(error) && Date.now() + everyMs < end) return undefined;
        throw error;
      },
    );
    if (row === null) {
      throw new VelociraptorError(
        'missing',
        `Cannot follow flow ${flow.id} of ${flow.client}: the server does not know it; was it deleted?`,
      );
    }
    if (row) {
      onState?.(row.state);
      const withResults = row.artifacts_with_results ?? [];
      if (row.state === 'FINISHED') {
        return { state: 'finished', rows: row.total_collected_rows, withResults, note: '' };
      }
      if (row.state === 'ERROR' || row.state === 'UNRESPONSIVE')
        throw await failed(row.state, row.status ?? '');
    }
    if (Date.now() + everyMs > end) {
      const isAway = Date.now() - client.lastSeen.getTime() > OFFLINE_MS;
      const why = isAway
        ? `${client.hostname || client.id} was last seen at ${client.lastSeen.toISOString()} and is offline: it will start when it is back`
        : 'it still runs there';
      return {
        state: 'waiting',
        rows: row?.total_collected_rows ?? 0,
        withResults: row?.artifacts_with_results ?? [],
        note: `Flow ${flow.id} of ${flow.client} has not finished: ${why}. Ask again later; the same flow is taken up then.`,
      };
    }
    await wait(everyMs, undefined, options).catch(() => {
      throw new Ip2ProcessError(
        'cancelled',
        `Cannot wait for flow ${flow.id}: it was stopped; it goes on there`,
      );
    });
  }

  async function failed(state: string, status: string): Promise<VelociraptorError> {
    const logs = await ask(
      connection,
      'read the log',
      z.object({ message: z.string() }),
      LOGS,
      env,
    ).catch(() => []);
    const last = logs.slice(-3).map(({ message }) => message.trim());
    return new VelociraptorError(
      /timeout|timed out/i.test(`${status} ${last.join(' ')}`) ? 'slow' : 'failed',
      `Cannot use flow ${flow.id} of ${flow.client}: it ended as ${state} (${forTerminal([status, ...last].filter((text) => text !== '').join('; '), 400)}); what it had collected until then is on the server`,
      { flow: flow.id, client: flow.client },
    );
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof VelociraptorError && (error.reason === 'unreachable' || error.reason === 'slow');
