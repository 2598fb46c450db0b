import { Agent } from 'node:https';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import axios, { type AxiosProxyConfig, type AxiosResponse } from 'axios';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';
import { allowedUrl } from './allowed-url.ts';
import type { ByteStream } from './evidence.ts';

/** Where and how images may be fetched by URL. */
export interface UrlRules {
  /** As `allowedUrl` reads them. */
  readonly hosts: readonly string[];
  /** PEM texts that are trusted beside the well-known authorities. */
  readonly authorities?: readonly string[];
  /** "http://proxy.example.org:3128"; null or absent: none, whatever the environment says. */
  readonly proxy?: string | null;
  /** Milliseconds without a byte after which an answer is given up; default 60,000. */
  readonly silenceMs?: number;
  /** Times that a broken transfer is taken up again; default 4. */
  readonly retries?: number;
  /** First wait before that, doubled each time; default 500. */
  readonly retryDelayMs?: number;
}

const SILENCE_MS = 60_000;
const RETRIES = 4;
const RETRY_DELAY_MS = 500;
const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The server, or something before it, is busy or starting: worth asking again. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Opens a download by HTTPS. Each host on the way must be allowed. A broken transfer is taken up where it broke (RFC 9110, 14), if
 * the server still has the same file; else it ends there.
 *
 * @throws Ip2ProcessError of kind 'request' (not allowed), 'system' (the server's answer) or 'cancelled'
 */
export async function openUrl(
  text: string,
  rules: UrlRules,
  signal: AbortSignal,
): Promise<ByteStream> {
  const url = allowedUrl(text, rules.hosts);
  const name = `${url.host}${url.pathname}`;
  const first = await ask(url, 0, null);
  const size = lengthOf(first);
  return { size, chunks: chunksOf() };

  async function* chunksOf(): AsyncGenerator<Uint8Array> {
    let answer: AxiosResponse<Readable> | null = first;
    let place = 0;
    for (let broken = 0; ; broken += 1) {
      if (answer) {
        for await (const chunk of unlessSilent(answer.data, rules.silenceMs ?? SILENCE_MS)) {
          place += chunk.length;
          yield chunk;
        }
        // Without a length, the server's own end of the chunks is all there is to know.
        if (size === null ? answer.data.readableEnded : place >= size) return;
      }
      if (signal.aborted) throw stopped(name);
      if (broken >= (rules.retries ?? RETRIES)) {
        throw failure(
          name,
          `the connection was cut after ${place} of ${size ?? 'unknown'} bytes, ${broken + 1} times`,
        );
      }
      await wait((rules.retryDelayMs ?? RETRY_DELAY_MS) * 2 ** broken, undefined, { signal }).catch(
        () => undefined,
      );
      answer = await ask(url, place, first).catch((error: unknown) => {
        if (error instanceof Passing) return null;
        throw error;
      });
    }
  }

  /** @param same the answer whose file is gone on with */
  async function ask(
    target: URL,
    from: number,
    same: AxiosResponse | null,
    redirects = 0,
  ): Promise<AxiosResponse<Readable>> {
    const answer = await axios
      .get<Readable>(target.href, {
        adapter: 'http',
        responseType: 'stream',
        decompress: false,
        maxRedirects: 0,
        maxContentLength: -1,
        timeout: rules.silenceMs ?? SILENCE_MS,
        proxy: proxyOf(rules.proxy),
        signal,
        httpsAgent: new Agent({
          keepAlive: false,
          ca: [...rootCertificates, ...(rules.authorities ?? [])],
        }),
        headers: {
          'User-Agent': 'ip2process',
          Accept: '*/*',
          'Accept-Encoding': 'identity',
          ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
        },
        validateStatus: () => true,
      })
      .catch((cause: unknown) => {
        throw signal.aborted ? stopped(name) : faultOf(cause, name, same !== null);
      });
    // Whoever reads it is told of its end; nobody else need be.
    answer.data.on('error', () => undefined);
    const refuse = (why: string): Ip2ProcessError => {
      answer.data.destroy();
      return failure(name, why);
    };

    if (REDIRECTS.has(answer.status)) {
      const place = headerOf(answer, 'location') ?? '';
      answer.data.destroy();
      if (redirects >= MOST_REDIRECTS)
        throw failure(name, `it redirects more than ${redirects} times`);
      if (!URL.canParse(place, target.href)) throw failure(name, 'it redirects to nowhere');
      return ask(
        allowedUrl(new URL(place, target.href).href, rules.hosts),
        from,
        same,
        redirects + 1,
      );
    }
    if (same !== null && PASSING.has(answer.status)) {
      answer.data.destroy();
      throw new Passing(`${answer.status}`);
    }
    if (answer.status !== (from > 0 ? 206 : 200)) {
      throw refuse(
        from > 0 && answer.status === 200
          ? `the connection was cut after ${from} bytes, and the server cannot go on from there`
          : `it answered ${answer.status}${answer.status === 404 ? ': there is no such file (any more)' : ''}`,
      );
    }
    const encoding = headerOf(answer, 'content-encoding') ?? 'identity';
    if (encoding !== 'identity')
      throw refuse(`it packs the bytes on the way (${forTerminal(encoding, 40)})`);
    if (same !== null && !isSameFile(same, answer, from))
      throw refuse('the file was exchanged meanwhile');
    return answer;
  }
}

/** What lay on the way, not what the server thinks of us. */
class Passing extends Error {}

function isSameFile(before: AxiosResponse, now: AxiosResponse, from: number): boolean {
  const [, start, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headerOf(now, 'content-range') ?? '') ?? [];
  const size = lengthOf(before);
  return (
    Number(start) === from &&
    (size === null || total === '*' || Number(total) === size) &&
    ['etag', 'last-modified'].every((name) => headerOf(before, name) === headerOf(now, name))
  );
}

function lengthOf(answer: AxiosResponse): number | null {
  const text = headerOf(answer, 'content-length');
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function headerOf(answer: AxiosResponse, name: string): string | null {
  const value: unknown = answer.headers[name];
  return typeof value === 'string' ? value : null;
}

/** The stream's chunks until it ends, breaks, or gives nothing for so long. */
async function* unlessSilent(stream: Readable, ms: number): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      // The clock runs while we wait for the server, not for our reader.
      const timer = setTimeout(() => stream.destroy(), ms);
      const next = await iterator
        .next()
        .catch(() => null)
        .finally(() => clearTimeout(timer));
      if (next === null || next.done === true) return;
      if (next.value instanceof Uint8Array) yield next.value;
    }
  } finally {
    stream.destroy();
  }
}

/** `false` and not `undefined`: the environment's proxy variables are left alone. */
function proxyOf(proxy: string | null | undefined): AxiosProxyConfig | false {
  if (!proxy) return false;
  const url = URL.canParse(proxy) ? new URL(proxy) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Ip2ProcessError(
      'request',
      'Cannot fetch the image: the proxy is not a URL of http or https',
    );
  }
  const protocol = url.protocol.slice(0, -1);
  const port = Number(url.port || (protocol === 'https' ? 443 : 80));
  const auth = {
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  return { protocol, host: url.hostname, port, ...(url.username === '' ? {} : { auth }) };
}

function faultOf(cause: unknown, name: string, isAgain: boolean): Error {
  // Without a known authority no second try helps.
  const why = axios.isAxiosError(cause) ? cause.message : String(cause);
  const isTrust = /certificate|self.signed|issuer|altname/i.test(why);
  if (isAgain && !isTrust) return new Passing(why);
  const hint = isTrust ? '; give the authority that signed it in the settings (cacerts)' : '';
  return failure(name, `${forTerminal(why, 200)}${hint}`);
}

const failure = (name: string, why: string): Ip2ProcessError =>
  new Ip2ProcessError('system', `Cannot fetch ${forTerminal(name, 200)}: ${why}`);

const stopped = (name: string): Ip2ProcessError =>
  new Ip2ProcessError(
    'cancelled',
    `Cannot finish fetching ${forTerminal(name, 200)}: it was stopped`,
  );
