import * as z from 'zod';
import { forTerminal } from '../report/text-safety.ts';
import { ask } from './ask.ts';
import type { Connection } from './connection.ts';
import { FlowRow } from './flow.ts';
import { VelociraptorError } from './velociraptor-error.ts';

/** A file that a flow brought to the server. */
export interface StoredUpload {
  /** Name by which the evidence seam finds it. */
  readonly path: string;
  /** Bytes once its holes are filled. */
  readonly size: number;
  /** Where it lies there; parts may hold slashes. */
  readonly components: readonly string[];
  /** Of the bytes as the machine sent them, lower-case hex; null where it does not say (resumed uploads). */
  readonly sha256: string | null;
}

const FLOW = `SELECT session_id, state, status, artifacts_with_results
FROM flows(client_id=ClientId, flow_id=FlowId)`;
const UPLOADS = `SELECT vfs_path, client_path, file_size, uploaded_size, Type, Upload
FROM uploads(client_id=ClientId, flow_id=FlowId)
LIMIT 1000`;
const IMAGE = `SELECT File, SHA256, Status, Reason FROM source(client_id=ClientId, flow_id=FlowId, artifact=Artifact, source="Image")
LIMIT 10`;

const UploadRow = z.object({
  vfs_path: z.string().default(''),
  client_path: z.string().default(''),
  file_size: z.coerce.number().int().nonnegative(),
  uploaded_size: z.coerce.number().int().nonnegative(),
  Type: z.string().nullish(),
  Upload: z.object({
    Components: z.array(z.string()).min(1).max(64),
    sha256: z.string().nullish(),
  }),
});
const ImageRow = z.object({
  File: z.string().nullish(),
  SHA256: z.string().nullish(),
  Status: z.string().nullish(),
  Reason: z.string().nullish(),
});
const SHA256 = /^[0-9a-f]{64}$/i;

/**
 * The upload of that name: its path on the machine, its name, or the end of its path after a slash.
 *
 * @throws VelociraptorError 'missing' where there is none, or several; 'broken-upload' where it is not whole
 */
export async function findUpload(
  connection: Connection,
  from: { readonly client: string; readonly flow: string; readonly path: string },
): Promise<StoredUpload> {
  const env = { ClientId: from.client, FlowId: from.flow };
  const [flow] = await ask(connection, 'look at the flow', FlowRow, FLOW, env);
  if (!flow)
    throw new VelociraptorError(
      'missing',
      `Cannot fetch an upload: the server knows no flow ${from.flow} of ${from.client}`,
    );

  const rows = await ask(connection, 'list the uploads', UploadRow, UPLOADS, env);
  const files = rows.filter(({ Type }) => Type !== 'idx');
  const matching = files.filter((row) =>
    [row.vfs_path, row.client_path, row.Upload.Components.at(-1) ?? ''].some(
      (one) => one === from.path || one.endsWith(`/${from.path}`) || one.endsWith(`\\${from.path}`),
    ),
  );
  const [upload] = matching;
  const name = forTerminal(from.path, 120);
  if (!upload || matching.length > 1) {
    const names = files
      .slice(0, 10)
      .map((row) => forTerminal(row.Upload.Components.at(-1) ?? '', 80));
    throw new VelociraptorError(
      'missing',
      `Cannot fetch "${name}": flow ${from.flow} has ${matching.length} uploads of that name (it has: ${names.join(', ') || 'none'})`,
    );
  }
  const isSparse = rows.some(
    ({ Type, vfs_path }) => Type === 'idx' && vfs_path.startsWith(upload.vfs_path),
  );
  if (flow.state !== 'FINISHED' || (!isSparse && upload.uploaded_size < upload.file_size)) {
    throw new VelociraptorError(
      'broken-upload',
      `Cannot fetch "${name}": ${upload.uploaded_size} of ${upload.file_size} bytes are on the server and flow ${from.flow} is ${flow.state}; ${flow.state === 'ERROR' || flow.state === 'FINISHED' ? 'it was cut: collect again with a higher limit of upload bytes and time' : 'wait until it has finished'}. What is there stays there`,
      { flow: from.flow, here: upload.uploaded_size, size: upload.file_size },
    );
  }
  return {
    path: from.path,
    size: upload.file_size,
    components: upload.Upload.Components,
    sha256:
      hashOf(upload.Upload.sha256) ??
      (await hashInResults(
        flow.artifacts_with_results ?? [],
        upload.Upload.Components.at(-1) ?? '',
      )),
  };

  /** The acquisition artifacts say it in their source Image. */
  async function hashInResults(artifacts: readonly string[], file: string): Promise<string | null> {
    const image = artifacts.find((one) =>
      /^Custom\.\w+\.Memory\.AcquireForIP2Process(\/Image)?$/.test(one),
    );
    if (image === undefined) return null;
    const results = await ask(connection, 'read Image', ImageRow, IMAGE, {
      ...env,
      Artifact: image.replace(/\/Image$/, ''),
    });
    return hashOf(results.find((row) => row.File === file)?.SHA256);
  }
}

const hashOf = (value: string | null | undefined): string | null =>
  value !== null && value !== undefined && SHA256.test(value) ? value.toLowerCase() : null;
