import * as z from 'zod';
import { forTerminal } from '../report/text-safety.ts';
import { ask } from './ask.ts';
import type { Connection } from './connection.ts';
import { findClient } from './find-client.ts';
import { artifactFor } from './flow.ts';
import { startFlow } from './start-flow.ts';
import { VelociraptorError } from './velociraptor-error.ts';
import { waitForFlow } from './wait-for-flow.ts';

/** An image that lies on the server. */
export interface CollectedImage {
  readonly client: string;
  readonly hostName: string;
  readonly flow: string;
  /** Name of the upload. */
  readonly path: string;
  /** As the machine computed it, lower-case hex; null where it does not say. */
  readonly sha256: string | null;
}

export interface CollectOptions {
  readonly caseId?: string;
  readonly waitMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
  readonly onState?: (sentence: string) => void;
}

const IMAGE = `SELECT File, Status, Reason, SHA256 FROM source(client_id=ClientId, flow_id=FlowId, artifact=Artifact, source="Image")
LIMIT 10`;
const ImageRow = z.object({
  File: z.string().nullish(),
  Status: z.string().nullish(),
  Reason: z.string().nullish(),
  SHA256: z.string().nullish(),
});
/** What the acquisition artifacts allow themselves. */
const COLLECT_SECONDS = 14_400;

/**
 * Has an image of the machine's memory taken, or takes up one of the last hours. The artifact is never told what is searched
 * for: that would stand in the memory it takes.
 *
 * @throws VelociraptorError with what to do; a flow that still runs goes on, and is taken up by the next run
 */
export async function collectImage(
  connection: Connection,
  machine: string,
  { caseId = '', waitMs, everyMs, signal, onState }: CollectOptions,
): Promise<CollectedImage> {
  const client = await findClient(connection, machine);
  const flow = await startFlow(connection, client, 'acquisition', {
    parameters: { CaseId: caseId },
    timeoutSeconds: COLLECT_SECONDS,
  });
  let told = '';
  const end = await waitForFlow(connection, client, flow, {
    forMs: waitMs,
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(signal ? { signal } : {}),
    onState(state) {
      if (state === told) return;
      told = state;
      onState?.(
        `image, flow ${flow.id} on ${client.hostname || client.id}: ${state.toLowerCase()}`,
      );
    },
  });
  if (end.state === 'waiting') throw new VelociraptorError('slow', `No image yet: ${end.note}`);

  const system = client.system === 'windows' ? 'windows' : 'linux';
  const [row] = await ask(connection, 'read Image', ImageRow, IMAGE, {
    ClientId: flow.client,
    FlowId: flow.id,
    Artifact: artifactFor(system, 'acquisition'),
  });
  if (row?.Status !== 'complete' || !row.File) {
    throw new VelociraptorError(
      'broken-upload',
      `Cannot use the image of flow ${flow.id}: it is ${forTerminal(row?.Status ?? 'not there', 40)}${row?.Reason ? ` (${forTerminal(row.Reason, 300)})` : ''}; what was uploaded stays on the server`,
    );
  }
  return {
    client: client.id,
    hostName: client.hostname,
    flow: flow.id,
    path: row.File,
    sha256: /^[0-9a-f]{64}$/i.test(row.SHA256 ?? '') ? (row.SHA256?.toLowerCase() ?? null) : null,
  };
}
