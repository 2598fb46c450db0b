import * as z from 'zod';
import { ask } from './ask.ts';
import type { Connection } from './connection.ts';
import type { FleetClient } from './find-client.ts';
import { artifactFor, type Flow, FlowRow, type Purpose } from './flow.ts';
import { VelociraptorError } from './velociraptor-error.ts';

const FLOWS = `SELECT session_id, state, status, create_time, active_time, total_collected_rows, artifacts_with_results, request
FROM flows(client_id=ClientId)
LIMIT 500`;
const DEFINED = `SELECT name FROM artifact_definitions(names=Artifact)`;

const SCAN_VALUES =
  'IPAddress=IPAddress, ProxyEndpoints=ProxyEndpoints, ShowScanned=ShowScanned, CaseId=CaseId';

/** One text for each artifact: a name in a spec cannot be a variable. Every value is one. */
const COLLECT: Readonly<Record<string, string>> = {
  [artifactFor('windows', 'scan')]: collect(artifactFor('windows', 'scan'), SCAN_VALUES),
  [artifactFor('linux', 'scan')]: collect(artifactFor('linux', 'scan'), SCAN_VALUES),
  [artifactFor('windows', 'acquisition')]: collect(
    artifactFor('windows', 'acquisition'),
    'CaseId=CaseId',
  ),
  [artifactFor('linux', 'acquisition')]: collect(
    artifactFor('linux', 'acquisition'),
    'CaseId=CaseId',
  ),
};
const MOST_UPLOADED_BYTES = 256 * 2 ** 30;

function collect(artifact: string, values: string): string {
  return `SELECT collect_client(client_id=ClientId, artifacts=Artifact, spec=dict(\`${artifact}\`=dict(${values})),
  timeout=int(int=TimeoutSeconds), max_bytes=int(int=MaxBytes), urgent=TRUE).flow_id AS flow_id
FROM scope()`;
}

export interface StartOptions {
  readonly parameters: Readonly<Record<string, string>>;
  /** Seconds that the collection may take on the machine. */
  readonly timeoutSeconds: number;
  /** A flow with the same question that ended no longer ago is taken up instead. Default: a scan an hour, an image six. */
  readonly reuseForMs?: number;
  readonly now?: number;
}

const HOUR_MS = 60 * 60_000;
const REUSE_MS: Readonly<Record<Purpose, number>> = { scan: HOUR_MS, acquisition: 6 * HOUR_MS };
/** A flow that has not ended waits for its machine: asking again would only make two of it. */
const UNFINISHED_MS = 7 * 24 * HOUR_MS;

/**
 * Takes up the youngest flow with the same artifact and parameters, running or finished, or starts one.
 *
 * @throws VelociraptorError 'missing' where the server has no such artifact, 'denied' where the user may not collect
 */
export async function startFlow(
  connection: Connection,
  client: FleetClient,
  purpose: Purpose,
  { parameters, timeoutSeconds, reuseForMs = REUSE_MS[purpose], now = Date.now() }: StartOptions,
): Promise<Flow> {
  if (client.system === 'other') {
    throw new VelociraptorError(
      'missing',
      `Cannot collect from ${client.id}: its system is neither Windows nor Linux`,
    );
  }
  const artifact = artifactFor(client.system, purpose);
  const [definition] = await ask(
    connection,
    'look the artifact up',
    z.object({ name: z.string() }),
    DEFINED,
    { Artifact: artifact },
  );
  if (!definition) {
    throw new VelociraptorError(
      'missing',
      `Cannot collect ${artifact}: the server does not have it; an administrator must import artifacts/${artifact}.yaml (View Artifacts, Upload)`,
    );
  }

  const flows = await ask(connection, 'list the flows', FlowRow, FLOWS, { ClientId: client.id });
  const known = flows
    .filter(({ state }) => state !== 'ERROR')
    .filter(({ state, create_time, active_time }) =>
      state === 'FINISHED'
        ? Math.max(create_time, active_time ?? 0) / 1000 > now - reuseForMs
        : create_time / 1000 > now - UNFINISHED_MS,
    )
    .filter((flow) => isSameRequest(flow, artifact, parameters))
    .toSorted((one, other) => other.create_time - one.create_time)[0];
  if (known) return { client: client.id, id: known.session_id, wasRunning: true };

  const [started] = await ask(
    connection,
    `collect ${artifact}`,
    z.object({ flow_id: z.string().nullable() }),
    COLLECT[artifact] ?? '',
    {
      IPAddress: '',
      ProxyEndpoints: '',
      ShowScanned: 'N',
      CaseId: '',
      ...parameters,
      ClientId: client.id,
      Artifact: artifact,
      TimeoutSeconds: String(timeoutSeconds),
      MaxBytes: String(MOST_UPLOADED_BYTES),
    },
  );
  if (started?.flow_id == null) {
    throw new VelociraptorError(
      'denied',
      `Cannot collect ${artifact} on ${client.id}: the server started nothing; the API's user "${connection.user}" needs COLLECT_CLIENT (role investigator)${purpose === 'acquisition' ? ', and EXECVE for Linux images' : ''}`,
    );
  }
  return { client: client.id, id: started.flow_id, wasRunning: false };
}

/** Parameters that make a question smaller, or another one, with the values that do not. */
const WHOLE: Readonly<Record<string, string>> = {
  ProcessRegex: '.',
  PidRegex: '.',
  ExcludeRegex: '',
  IncludeBinary: 'Y',
  DryRun: 'N',
};

/** How an asked value and one of a flow are the same; parameters that are not here do not change the answer. */
const IS_SAME: Readonly<Record<string, (asked: string, given: string) => boolean>> = {
  IPAddress: (asked, given) => wordsOf(asked) === wordsOf(given),
  // Where we know of no proxy, an answer that knew one is only better.
  ProxyEndpoints: (asked, given) =>
    endpointsOf(asked) === '' || endpointsOf(asked) === endpointsOf(given),
};

const wordsOf = (text: string): string =>
  [...new Set(text.toLowerCase().split(/[\s,]+/))].toSorted().join(' ').trim();

/** Rows without the line of titles. */
const endpointsOf = (csv: string): string =>
  csv
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .toSorted()
    .join('\n');

function isSameRequest(
  { request }: z.infer<typeof FlowRow>,
  artifact: string,
  parameters: Readonly<Record<string, string>>,
): boolean {
  if (!request?.artifacts?.includes(artifact)) return false;
  const env = request.specs?.find((spec) => spec.artifact === artifact)?.parameters?.env ?? [];
  const valueOf = (name: string): string | undefined => env.find(({ key }) => key === name)?.value;
  return (
    Object.entries(WHOLE).every(([name, value]) => (valueOf(name) ?? value) === value) &&
    Object.entries(parameters).every(
      ([name, value]) => IS_SAME[name]?.(value, valueOf(name) ?? '') ?? true,
    )
  );
}
