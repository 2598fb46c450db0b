import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, test as plainTest } from '@jest/globals';
import { openUrl, type UrlRules } from '../../src/evidence/url-download.ts';
import { requires } from '../support/requires.ts';
import { selfSigned } from '../support/self-signed.ts';

const test = requires('openssl', 'apt-get install openssl');
const bytes = Buffer.from(new Uint8Array(500_000).map((_, index) => index * 31 + (index >> 8)));
const never = new AbortController().signal;

let tls = { key: '', cert: '' };
let server: Server | null = null;
let base = '';
const seen: IncomingMessage[] = [];

beforeAll(() => {
  if (test.isPresent) tls = selfSigned();
});
afterEach(() => {
  seen.length = 0;
  server?.closeAllConnections();
});
afterAll(() => void server?.close());

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A file at /image.raw, answered like this; returns the rules that allow it. */
async function serving(answer: Answer, changes: Partial<UrlRules> = {}): Promise<UrlRules> {
  server?.close();
  server = createServer(tls, (request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  base = `https://localhost:${port}`;
  return { hosts: [`localhost:${port}`], authorities: [tls.cert], retryDelayMs: 1, ...changes };
}

const startOf = ({ headers }: IncomingMessage): number =>
  Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);

/** As a good server does; cuts each answer after so many bytes. */
const ranged =
  (cutAfter = Infinity, headers: () => object = () => ({ etag: '"1"' })): Answer =>
  (request, response) => {
    const start = startOf(request);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': bytes.length - start,
      ...(start > 0
        ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }
        : {}),
      ...headers(),
    });
    if (bytes.length - start <= cutAfter) response.end(bytes.subarray(start));
    else response.write(bytes.subarray(start, start + cutAfter), () => response.destroy());
  };

async function fetched(rules: UrlRules, path = '/image.raw', signal = never): Promise<Buffer> {
  const { chunks } = await openUrl(`${base}${path}`, rules, signal);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const failureOf = (rules: UrlRules, path?: string): Promise<string> =>
  fetched(rules, path).then(
    () => 'none',
    (error: unknown) => String(error),
  );

describe('over a private authority', () => {
  test('every byte comes, and its size is known before', async () => {
    const rules = await serving(ranged());
    expect((await fetched(rules)).equals(bytes)).toBe(true);
    expect((await openUrl(`${base}/image.raw`, rules, never)).size).toBe(bytes.length);
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  test('without it, nothing is fetched, and the message says what to give', async () => {
    const rules = await serving(ranged(), { authorities: [] });
    expect(await failureOf(rules)).toMatch(/certificate.*; give the authority that signed it/);
  });
});

test('a broken transfer is taken up where it broke', async () => {
  const rules = await serving(ranged(150_000));
  expect((await fetched(rules)).equals(bytes)).toBe(true);
  expect(seen.map(startOf).every((start, index) => index === 0 || start > 0)).toBe(true);
  expect(seen.length).toBeGreaterThan(3);
});

describe('what goes wrong is said', () => {
  let count = 0;
  test('a server without ranges', async () => {
    const rules = await serving((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000), () => response.destroy());
    });
    expect(await failureOf(rules)).toMatch(
      /cut after \d+ bytes, and the server cannot go on from there/,
    );
  });
  test('a file exchanged meanwhile', async () => {
    const rules = await serving(ranged(150_000, () => ({ etag: `"${(count += 1)}"` })));
    expect(await failureOf(rules)).toMatch(/the file was exchanged meanwhile/);
  });
  test('a connection that is cut again and again', async () => {
    const rules = await serving(ranged(1000), { retries: 2 });
    expect(await failureOf(rules)).toMatch(/cut after \d+ of 500000 bytes, 3 times/);
  });
  test('silence', async () => {
    const rules = await serving(
      (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('x'),
      { silenceMs: 100, retries: 0 },
    );
    expect(await failureOf(rules)).toMatch(/cut after 1 of 9 bytes/);
  });
  test('deleted', async () => {
    const rules = await serving((_, response) => void response.writeHead(404).end());
    expect(await failureOf(rules)).toMatch(/it answered 404: there is no such file/);
  });
  test('a proxy that packs', async () => {
    const rules = await serving(
      (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    );
    expect(await failureOf(rules)).toMatch(/it packs the bytes on the way \(gzip\)/);
  });
  test('stopped', async () => {
    const rules = await serving((_, response) => void response.writeHead(200).write('x'));
    const stop = new AbortController();
    const { chunks } = await openUrl(`${base}/image.raw`, rules, stop.signal);
    const reading = (async () => {
      for await (const _ of chunks) stop.abort();
    })();
    await expect(reading).rejects.toThrow('it was stopped');
  });
});

const to =
  (location: string): Answer =>
  (request, response) =>
    request.url === '/final'
      ? ranged()(request, response)
      : void response.writeHead(302, { location }).end();

describe('a redirect', () => {
  test('to an allowed host is followed', async () => {
    expect((await fetched(await serving(to('/final')))).equals(bytes)).toBe(true);
  });
  test('elsewhere is not', async () => {
    const failure = await failureOf(await serving(to('https://169.254.169.254/latest/meta-data')));
    expect(failure).toMatch(/169\.254\.169\.254 is not among the hosts/);
    expect(await failureOf(await serving(to('http://localhost/x')))).toMatch(/is not https/);
  });
  test('without end ends', async () => {
    expect(await failureOf(await serving(to('/again')))).toMatch(/redirects more than 5 times/);
    expect(await failureOf(await serving(to('http://')))).toMatch(/redirects to nowhere/);
  });
});

plainTest('a URL that is not allowed is not asked for', async () => {
  const rules = { hosts: ['files.example'] };
  await expect(openUrl('https://localhost:1/x', rules, never)).rejects.toThrow(
    /not among the hosts/,
  );
});
