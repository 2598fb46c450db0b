import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import * as z from 'zod';
import { Ip2ProcessError } from '../errors.ts';
import { apiMethod } from './api-messages.ts';
import type { ApiSettings } from './api-settings.ts';
import { faultOf } from './fault.ts';
import { VelociraptorError } from './velociraptor-error.ts';

/** A connection to the API of a Velociraptor server. */
export interface Connection {
  /** "host:8001". */
  readonly address: string;
  /** Who we are there. */
  readonly user: string;
  /** Of a server with several; null: its only one. */
  readonly organisation: string | null;
  /**
   * Runs VQL there and gives its rows. Whatever comes from outside goes into `env`, whose values are variables of the
   * query: never into its text.
   */
  query(vql: string, env?: Readonly<Record<string, string>>, options?: QueryOptions): Promise<Rows>;
  /** Bytes of a stored file from an offset; empty at its end. */
  read(
    components: readonly string[],
    offset: number,
    length: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
  close(): void;
}

export interface QueryOptions {
  /** Default: 60,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Rows {
  readonly rows: readonly unknown[];
  /** What the server said on the way: a query that fails there ends with this and without rows. */
  readonly logs: readonly string[];
}

export interface ConnectionOptions {
  /** Of a server with several. */
  readonly organisation?: string;
  /** Stops every call that has none of its own. */
  readonly signal?: AbortSignal;
  /** Largest message taken. gRPC's own default of 4 MiB is too little for rows with contexts. Default: 64 MiB. */
  readonly largestMessageBytes?: number;
}

const TIMEOUT_MS = 60_000;
const LARGEST_MESSAGE_BYTES = 64 * 2 ** 20;
const ROWS_A_MESSAGE = 100;
/** Bounds on what one query may bring: a scan of one machine has some thousand rows. */
const MOST_ROWS = 250_000;
const MOST_LOGS = 500;

const QueryAnswer = z.object({ Response: z.string(), log: z.string() });
const BufferAnswer = z.object({ data: z.instanceof(Uint8Array) });

/** Opens a connection; nothing is sent before the first question. Identity and trust are the API file's alone. */
export function connectVelociraptor(
  settings: ApiSettings,
  {
    organisation = '',
    signal: ofAll,
    largestMessageBytes = LARGEST_MESSAGE_BYTES,
  }: ConnectionOptions = {},
): Connection {
  const { address, authority, key, certificate, serverName } = settings;
  const client = new Client(
    address,
    credentials.createSsl(Buffer.from(authority), Buffer.from(key), Buffer.from(certificate)),
    {
      'grpc.ssl_target_name_override': serverName,
      'grpc.max_receive_message_length': largestMessageBytes,
      // The environment's proxy variables are left alone.
      'grpc.enable_http_proxy': 0,
    },
  );

  return {
    address,
    user: settings.user,
    organisation: organisation === '' ? null : organisation,
    query(vql, env = {}, { timeoutMs = TIMEOUT_MS, signal = ofAll } = {}) {
      const { path, requestSerialize, responseDeserialize } = apiMethod('Query');
      const rows: unknown[] = [];
      const logs: string[] = [];
      return new Promise((resolve, reject) => {
        const call = client.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          {
            Query: [{ VQL: vql, Name: 'ip2process' }],
            env: Object.entries(env).map(([name, value]) => ({ key: name, value })),
            max_row: ROWS_A_MESSAGE,
            max_wait: 1,
            timeout: Math.ceil(timeoutMs / 1000),
            org_id: organisation,
          },
          { deadline: Date.now() + timeoutMs },
        );
        const stop = (): void => call.cancel();
        signal?.addEventListener('abort', stop, { once: true });
        if (signal?.aborted) stop();
        call.on('data', (message: unknown) => {
          try {
            const { Response, log } = QueryAnswer.parse(message);
            if (log !== '' && logs.length < MOST_LOGS) logs.push(log.trim());
            if (Response !== '') rows.push(...z.array(z.unknown()).parse(JSON.parse(Response)));
            if (rows.length > MOST_ROWS) throw new Error(`more than ${MOST_ROWS} rows`);
          } catch (cause) {
            call.cancel();
            reject(
              new VelociraptorError(
                'failed',
                `Cannot read what Velociraptor at ${address} answers: it is not rows in JSON, or too many of them`,
                {},
                { cause },
              ),
            );
          }
        });
        call.on('error', (error: ServiceError) => {
          signal?.removeEventListener('abort', stop);
          reject(signal?.aborted ? stopped() : faultOf(error, settings));
        });
        call.on('end', () => {
          signal?.removeEventListener('abort', stop);
          resolve({ rows, logs });
        });
      });
    },
    read(components, offset, length, signal = ofAll) {
      const { path, requestSerialize, responseDeserialize } = apiMethod('VFSGetBuffer');
      return new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          { components: [...components], offset, length, org_id: organisation },
          { deadline: Date.now() + TIMEOUT_MS },
          (error, answer) => {
            signal?.removeEventListener('abort', stop);
            if (signal?.aborted) reject(stopped());
            else if (error) reject(faultOf(error, settings));
            else resolve(BufferAnswer.parse(answer).data);
          },
        );
        const stop = (): void => call.cancel();
        signal?.addEventListener('abort', stop, { once: true });
        if (signal?.aborted) stop();
      });
    },
    close: () => client.close(),
  };
}

const stopped = (): Ip2ProcessError =>
  new Ip2ProcessError('cancelled', 'Cannot finish asking Velociraptor: it was stopped');
