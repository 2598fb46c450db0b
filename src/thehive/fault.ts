import type { Readable } from 'node:stream';
import { AxiosError, isCancel } from 'axios';
import * as z from 'zod';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';
import type { Connection } from './thehive.ts';
import { TheHiveError, type TheHiveReason } from './thehive-error.ts';
import type { Call } from './transport.ts';

/** What a status means, and what the reader can do. TheHive's table of errors, and those of proxies before it. */
const STATUSES: Readonly<Record<number, readonly [TheHiveReason, string]>> = {
  400: ['refused', 'it refuses the request (400)'],
  401: [
    'unauthenticated',
    'it answers 401: the API key is wrong or locked, or its account is not a member of the organisation',
  ],
  402: ['unauthenticated', 'it answers 402: the account must use an API key, not a password'],
  403: ['forbidden', 'it answers 403: the account of the API key lacks a permission'],
  404: [
    'missing',
    'it answers 404: it was deleted, never existed, or is not shared with the organisation of the API key',
  ],
  407: ['unreachable', 'the proxy answers 407: it wants a user and password'],
  413: [
    'too-large',
    'it answers 413: the text is larger than TheHive, or a proxy before it, accepts',
  ],
  429: ['busy', 'it answers 429: too many requests, also after waiting'],
};

/** What the operating system or TLS says; the rest is named by its code. */
const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known to DNS',
  EAI_AGAIN: 'DNS does not answer',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'its network cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; give its authority (cacerts)',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is signed by an unknown authority; give that (cacerts)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by an unknown authority; give that (cacerts)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is signed by an unknown authority; give that (cacerts)',
};

/** Bytes of an error's body that are looked at, and characters of its message that are quoted. */
const BODY_BYTES = 64 * 1024;
const QUOTED = 300;

/** A failure of axios as one of ours. The original is not kept as its cause: it holds the key in its headers. */
export async function faultOf(
  error: unknown,
  call: Call,
  connection: Connection,
): Promise<Ip2ProcessError> {
  if (error instanceof Ip2ProcessError) return error;
  if (connection.signal?.aborted || call.signal?.aborted) {
    return new Ip2ProcessError('cancelled', `Cannot ${call.task}: the run was stopped`);
  }
  if (isCancel(error)) return fault('slow', 'no complete answer in time', call, connection);
  if (!(error instanceof AxiosError)) throw error;
  if (error.response) {
    const { status, headers, data } = error.response;
    const body = await textOf(data);
    return faultOfStatus(status, headers, body, call, connection);
  }

  const code = error.code ?? 'unknown';
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') {
    return fault('slow', 'no complete answer in time', call, connection, { code });
  }
  if (code === 'ERR_BAD_RESPONSE' && /maxContentLength/.test(error.message)) {
    return fault('not-thehive', 'its answer is far too long', call, connection, { code });
  }
  const what = CODES[code] ?? `the connection failed (${withoutSecrets(code, connection)})`;
  return fault('unreachable', what, call, connection, { code });
}

function faultOfStatus(
  status: number,
  headers: unknown,
  body: string,
  call: Call,
  connection: Connection,
): TheHiveError {
  if (status >= 300 && status < 400) {
    return fault('not-thehive', redirectOf(headers, status), call, connection, { status });
  }
  const [reason, meaning] = STATUSES[status] ?? [
    status >= 500 ? 'server' : 'refused',
    status >= 500 ? `it failed (${status})` : `it refuses the request (${status})`,
  ];
  const said = isWebPage('', body)
    ? ' (the answer is a web page, so perhaps of a proxy before TheHive)'
    : quoted(body, connection);
  return fault(reason, `${meaning}${said}`, call, connection, { status });
}

/** An answer with a good status, but not one that TheHive gives. */
export function faultOfAnswer(
  kind: 'page' | 'text' | 'shape',
  call: Call,
  connection: Connection,
  status: number,
  detail = '',
): TheHiveError {
  const what = {
    page: 'the answer is a web page and not JSON; is the URL that of TheHive, and no login page before it',
    text: 'the answer is not JSON',
    shape: `the answer has another shape than TheHive's (${detail})`,
  }[kind];
  return fault('not-thehive', withoutSecrets(what, connection), call, connection, { status });
}

/** "Cannot read case "57" in TheHive at hive.example.org: it answers 403 …" */
export function fault(
  reason: TheHiveReason,
  what: string,
  call: Pick<Call, 'task' | 'path'> & Partial<Call>,
  { url }: Connection,
  place: Readonly<Record<string, string | number>> = {},
): TheHiveError {
  const { host } = new URL(url.trim());
  const message = `Cannot ${call.task} in TheHive at ${host}: ${what}`;
  const where = { host, path: call.path.join('/'), ...place };
  return new TheHiveError(reason, message, where, isRepeatable(call));
}

/** Whether the same twice is as good as once. */
export const isRepeatable = ({ method, repeatable }: Partial<Call>): boolean =>
  repeatable ?? method === 'GET';

/** HTML where JSON was asked for: a login page, a proxy, or the single-page application itself. */
export const isWebPage = (contentType: string, body: string): boolean =>
  /html/i.test(contentType) || /^\s*<(!doctype|html|head|body)/i.test(body.slice(0, 1024));

const errorBody = z.object({ message: z.string() });

function quoted(body: string, connection: Connection): string {
  let message: string | undefined;
  try {
    message = errorBody.safeParse(JSON.parse(body)).data?.message;
  } catch {
    return '';
  }
  return message ? `: "${forTerminal(withoutSecrets(message, connection), QUOTED)}"` : '';
}

/** The server may repeat what it was sent. */
function withoutSecrets(text: string, { apiKey, proxy }: Connection): string {
  const password = proxy && URL.canParse(proxy) ? new URL(proxy).password : '';
  return [apiKey, password, decodeURIComponent(password)]
    .filter((secret) => secret.length > 0)
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

const locationHeader = z.object({ location: z.string() });

function redirectOf(headers: unknown, status: number): string {
  const location = locationHeader.safeParse(headers).data?.location;
  const target = location && URL.canParse(location) ? new URL(location) : null;
  const where = target ? ` to ${forTerminal(`${target.origin}${target.pathname}`, QUOTED)}` : '';
  return `it redirects (${status})${where}; give the URL that answers itself`;
}

/** Of a body that was asked for as text, or as a stream. */
async function textOf(body: unknown): Promise<string> {
  if (typeof body === 'string') return body.slice(0, BODY_BYTES);
  if (!isStream(body)) return '';
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of body) {
      if (!(part instanceof Buffer)) break;
      parts.push(part);
      length += part.length;
      if (length >= BODY_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  body.destroy();
  return Buffer.concat(parts).toString('utf8', 0, BODY_BYTES);
}

const isStream = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body && 'destroy' in body;
