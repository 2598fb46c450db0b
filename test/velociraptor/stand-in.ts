import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import * as z from 'zod';
import { apiService } from '../../src/velociraptor/api-messages.ts';
import type { Certificate, Certificates } from './certificates.ts';

/** A question as it came over the wire. */
export interface Question {
  readonly vql: string;
  readonly env: Readonly<Record<string, string>>;
  readonly organisation: string;
}

/** What the stand-in does with it. */
export interface Answer {
  readonly rows?: readonly unknown[];
  readonly logs?: readonly string[];
  /** Sent as the rows, whatever it is. */
  readonly raw?: string;
  /** gRPC status, instead of rows. */
  readonly fails?: { readonly code: number; readonly details: string };
  /** Never answers. */
  readonly hangs?: boolean;
}

export interface StandIn {
  readonly address: string;
  readonly questions: readonly Question[];
  /** VFSGetBuffer requests: [offset, length]. */
  readonly reads: readonly (readonly [number, number])[];
  close(): void;
}

export interface StandInOptions {
  readonly onQuery?: (question: Question) => Answer;
  /** Bytes, or a failure; `read` counts from 0. */
  readonly onRead?: (
    components: readonly string[],
    offset: number,
    length: number,
    read: number,
  ) => Uint8Array | { readonly code: number; readonly details: string };
  /** Whose certificate it shows. */
  readonly server?: Certificate;
}

const Args = z.object({
  Query: z.array(z.object({ VQL: z.string() })).length(1),
  env: z.array(z.object({ key: z.string(), value: z.string() })),
  org_id: z.string(),
});
const BufferRequest = z.object({
  components: z.array(z.string()),
  offset: z.number(),
  length: z.number(),
});

/** The API of a Velociraptor server on this machine: mutual TLS, Query and VFSGetBuffer, and nothing behind them. */
export async function standIn(
  certificates: Certificates,
  options: StandInOptions = {},
): Promise<StandIn> {
  const questions: Question[] = [];
  const reads: (readonly [number, number])[] = [];
  const server = new Server();
  server.addService(apiService, {
    Query(call: ServerWritableStream<object, object>) {
      const { Query, env, org_id } = Args.parse(call.request);
      const question = {
        vql: Query[0]?.VQL ?? '',
        env: Object.fromEntries(env.map(({ key, value }) => [key, value])),
        organisation: org_id,
      };
      questions.push(question);
      const { rows = [], logs = [], raw, fails, hangs } = options.onQuery?.(question) ?? {};
      if (hangs) return;
      for (const log of logs) call.write({ log });
      if (raw !== undefined) call.write({ Response: raw });
      if (fails) {
        call.emit('error', fails);
        return;
      }
      // As Velociraptor does: in messages of some rows.
      for (let at = 0; at < rows.length; at += 2) {
        call.write({ Response: JSON.stringify(rows.slice(at, at + 2)) });
      }
      call.end();
    },
    VFSGetBuffer(call: ServerUnaryCall<object, object>, reply: sendUnaryData<object>) {
      const { components, offset, length } = BufferRequest.parse(call.request);
      reads.push([offset, length]);
      const data =
        options.onRead?.(components, offset, length, reads.length - 1) ?? new Uint8Array(0);
      if (data instanceof Uint8Array) reply(null, { data });
      else reply(data);
    },
  });
  const { certificate, key } = options.server ?? certificates.server;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      '127.0.0.1:0',
      ServerCredentials.createSsl(
        Buffer.from(certificates.authority),
        [{ cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) }],
        true,
      ),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    );
  });
  return { address: `127.0.0.1:${port}`, questions, reads, close: () => server.forceShutdown() };
}
