import { Agent } from 'node:https';
import type { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import axios, { type AxiosError, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import axiosRetry, { exponentialDelay, isNetworkError } from 'axios-retry';
import * as z from 'zod';
import { baseUrlOf, headersOf, pathOf, proxyOf } from './address.ts';
import { faultOf, faultOfAnswer, isRepeatable, isWebPage } from './fault.ts';
import type { Connection } from './thehive.ts';

/** One request to TheHive. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Segments after the base URL, unencoded: ["api", "v1", "case", "~24680"]. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Instead of `json`: a multipart form. */
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  /** What it is for, after "Cannot": `read case "57"`. */
  readonly task: string;
  /** The same twice is as good as once, so it is repeated after a reset, 429 or 5xx. Default: it is a GET. */
  readonly repeatable?: boolean;
  /** Instead of the connection's: some answers take the server long to begin. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface StreamAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly body: Readable;
}

/** HTTP as TheHive needs it. Every failure is a `TheHiveError` (or 'cancelled') without secrets and without stack of axios. */
export interface Transport {
  readonly connection: Connection;
  /** The answer's JSON, checked; `what` it should be is named in the error. */
  json<Schema extends z.ZodType>(call: Call, schema: Schema): Promise<z.infer<Schema>>;
  /** For calls that answer nothing (204). */
  send(call: Call): Promise<void>;
  /** The body unread and undecoded; the caller reads or destroys it. */
  stream(call: Call): Promise<StreamAnswer>;
}

export const DEFAULT_TIMEOUT_MS = 60_000;
export const DEFAULT_RETRIES = 4;
const DEFAULT_RETRY_DELAY_MS = 500;
/** A `Retry-After` of an hour is not waited for: the job has a time limit of its own. */
const LONGEST_WAIT_MS = 30_000;
/** Of a whole JSON call with its repeats, in `timeoutMs`: a server that drips bytes never counts as silent. */
const PATIENCE = 5;
/** 500 observables with the longest texts that TheHive 5 takes are less. */
const LARGEST_JSON_BYTES = 64 * 2 ** 20;
/** TheHive 4 answers 500 to some conflicts of concurrent writers, so that is worth another try too. */
const PASSING = new Set([429, 500, 502, 503, 504]);

/** @throws Ip2ProcessError kind 'request' when the connection cannot be one (URL, key, proxy) */
export function openTransport(connection: Connection): Transport {
  const base = baseUrlOf(connection);
  const timeoutMs = connection.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const retries = connection.retries ?? DEFAULT_RETRIES;
  const client = axios.create({
    adapter: 'http',
    timeout: timeoutMs,
    headers: headersOf(connection),
    proxy: proxyOf(connection),
    // A kept connection that the server closes just now would fail a POST that must not be repeated.
    httpsAgent: new Agent({
      keepAlive: false,
      ca: [...rootCertificates, ...(connection.authorities ?? [])],
    }),
    // Following would carry the key elsewhere, and turn a POST into a GET: the error names the target instead.
    maxRedirects: 0,
    maxBodyLength: Infinity,
    validateStatus: (status) => status >= 200 && status < 300,
  });
  repeat(client, connection.retryDelayMs ?? DEFAULT_RETRY_DELAY_MS);

  async function request<Body>(call: Call, config: AxiosRequestConfig) {
    const patience = config.responseType === 'stream' ? null : timeoutMs * PATIENCE;
    try {
      return await client.request<Body>({
        ...config,
        method: call.method,
        timeout: call.timeoutMs ?? timeoutMs,
        url: pathOf(base, call.path),
        ...(call.query ? { params: call.query } : {}),
        data: call.form ?? call.json,
        headers: { ...call.headers },
        signal: signalOf([connection.signal, call.signal], patience),
        'axios-retry': { retries, retryCondition: (error) => isWorthARepeat(error, call) },
      });
    } catch (error) {
      throw await faultOf(error, call, connection);
    }
  }

  const textAnswer: AxiosRequestConfig = {
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    maxContentLength: LARGEST_JSON_BYTES,
  };

  return {
    connection,
    async json(call, schema) {
      const { data, headers, status } = await request<string>(call, textAnswer);
      const answer = parsed(data);
      if (answer === NOT_JSON) {
        const kind = isWebPage(String(headers['content-type'] ?? ''), data) ? 'page' : 'text';
        throw faultOfAnswer(kind, call, connection, status);
      }
      const result = schema.safeParse(answer);
      if (!result.success) {
        const [issue] = result.error.issues;
        const detail = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
        throw faultOfAnswer('shape', call, connection, status, detail);
      }
      return result.data;
    },
    async send(call) {
      const { data, headers, status } = await request<string>(call, textAnswer);
      if (isWebPage(String(headers['content-type'] ?? ''), data)) {
        throw faultOfAnswer('page', call, connection, status);
      }
    },
    async stream(call) {
      const response = await request<Readable>(call, { responseType: 'stream', decompress: false });
      const header = (name: string): string | null => {
        const value: unknown = response.headers[name];
        return typeof value === 'string' ? value : null;
      };
      return { status: response.status, header, body: response.data };
    },
  };
}

function repeat(client: AxiosInstance, delayMs: number): void {
  axiosRetry(client, {
    shouldResetTimeout: true,
    retryDelay: (count, error) =>
      Math.min(exponentialDelay(count, error, delayMs / 2), LONGEST_WAIT_MS),
    onRetry: (_count, { response }) => discard(response?.data),
  });
}

/** The unread body of an answer that is not wanted keeps its connection open. */
function discard(body: unknown): void {
  if (typeof body === 'object' && body !== null && 'destroy' in body) {
    const { destroy } = body;
    if (typeof destroy === 'function') destroy.call(body);
  }
}

function isWorthARepeat(error: AxiosError, call: Call): boolean {
  const status = error.response?.status;
  // Too many requests: it was not carried out, so even a POST may come again.
  if (status === 429) return true;
  if (!isRepeatable(call)) return false;
  if (status !== undefined) return PASSING.has(status);
  return isNetworkError(error) || error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT';
}

function signalOf(
  signals: readonly (AbortSignal | undefined)[],
  patienceMs: number | null,
): AbortSignal {
  const given = signals.filter((signal) => signal !== undefined);
  return AbortSignal.any(patienceMs === null ? given : [...given, AbortSignal.timeout(patienceMs)]);
}

const NOT_JSON = Symbol('not JSON');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}
