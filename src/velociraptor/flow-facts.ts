import { ask } from './ask.ts';
import type { Connection } from './connection.ts';
import { type Flow, FlowRow } from './flow.ts';

/** Who started a flow, and when it ran; ISO times. What the server does not say is null. */
export interface FlowFacts {
  readonly startedBy: string | null;
  readonly startedAt: string | null;
  /** Null while it runs. */
  readonly endedAt: string | null;
}

const FLOW = `SELECT session_id, state, create_time, active_time, request
FROM flows(client_id=ClientId, flow_id=FlowId)`;

/** For the record only: a server that does not answer this costs no answer. */
export async function flowFacts(connection: Connection, flow: Flow): Promise<FlowFacts> {
  const [row] = await ask(connection, 'look at the flow', FlowRow, FLOW, {
    ClientId: flow.client,
    FlowId: flow.id,
  }).catch(() => []);
  return {
    startedBy: row?.request?.creator || null,
    startedAt: timeOf(row?.create_time),
    endedAt: row?.state === 'FINISHED' || row?.state === 'ERROR' ? timeOf(row.active_time) : null,
  };
}

/** Microseconds since 1970; 0 is none. */
function timeOf(microseconds: number | null | undefined): string | null {
  if (!microseconds) return null;
  const time = new Date(microseconds / 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
