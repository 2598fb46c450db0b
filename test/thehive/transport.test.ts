import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { getCase } from '../../src/thehive/cases.ts';
import { createObservable, listObservables } from '../../src/thehive/observables.ts';
import { openSession, type Session } from '../../src/thehive/session.ts';
import type { Connection } from '../../src/thehive/thehive.ts';
import { TheHiveError } from '../../src/thehive/thehive-error.ts';
import { openTransport } from '../../src/thehive/transport.ts';
import { requires } from '../support/requires.ts';
import { webPage, type Fault } from '../support/thehive/faults.ts';
import { startForwardProxy } from '../support/thehive/forward-proxy.ts';
import type { TheHiveStandIn } from '../support/thehive/server.ts';
import type { StoredAccount } from '../support/thehive/store.ts';
import {
  connectionTo,
  failureOf,
  sessionOf,
  startHive,
  VERSIONS,
} from '../support/thehive/hive.ts';
import { selfSigned } from '../support/self-signed.ts';

const NEW = { dataType: 'other', data: 'x', message: 'm', tlp: 2, tags: ['ip2process'] };

describe('faults end in one sentence', () => {
  const rows: [string, Fault['what'], string, RegExp][] = [
    [
      '401',
      { kind: 'status', status: 401, body: '{"type":"AuthenticationError","message":"no"}' },
      'unauthenticated',
      /the API key is wrong or locked, or its account is not a member/,
    ],
    [
      '403',
      {
        kind: 'status',
        status: 403,
        body: '{"type":"AuthorizationError","message":"Operation not permitted"}',
      },
      'forbidden',
      /lacks a permission: "Operation not permitted"$/,
    ],
    [
      '404',
      { kind: 'status', status: 404, body: '{"type":"NotFoundError","message":"Case not found"}' },
      'missing',
      /deleted, never existed, or is not shared/,
    ],
    ['413', webPage(413), 'too-large', /larger than TheHive, or a proxy before it, accepts/],
    ['429', { kind: 'status', status: 429 }, 'busy', /too many requests, also after waiting/],
    [
      '500',
      { kind: 'status', status: 500, body: '{"type":"InternalError","message":"oops"}' },
      'server',
      /it failed \(500\): "oops"/,
    ],
    ['502 of a proxy', webPage(502), 'server', /it failed \(502\) \(the answer is a web page/],
    ['a login page', webPage(200), 'not-thehive', /the answer is a web page and not JSON/],
    [
      'a redirect',
      {
        kind: 'status',
        status: 302,
        headers: { Location: 'https://login.example.org/sso?token=abc' },
      },
      'not-thehive',
      /redirects \(302\) to https:\/\/login\.example\.org\/sso;/,
    ],
    [
      'half an answer',
      { kind: 'status', status: 200, body: '{"_id":' },
      'not-thehive',
      /the answer is not JSON/,
    ],
    [
      'another shape',
      { kind: 'status', status: 200, body: '{"_id":5}' },
      'not-thehive',
      /another shape than TheHive's \(_id: /,
    ],
    ['a reset', { kind: 'reset' }, 'unreachable', /the connection was cut/],
    ['silence', { kind: 'silence' }, 'slow', /no complete answer in time/],
  ];

  test.each(rows)('%s', async (_name, what, reason, message) => {
    const { hive, aCase, writer } = await startHive(4);
    const session = await impatient(hive, writer, {
      timeoutMs: what.kind === 'silence' ? 150 : 5000,
      retries: 1,
    });
    hive.faults.add({ when: /GET .*case/, what });
    const failure = await failureOf(getCase(session, aCase._id));
    expect(failure).toBeInstanceOf(TheHiveError);
    expect(failure).toMatchObject({
      kind: 'system',
      reason,
      place: { host: new URL(hive.url).host },
    });
    expect(failure.message).toMatch(message);
    expect(failure.message).toMatch(/^Cannot read case "~\d+" in TheHive at 127\.0\.0\.1:\d+: /);
    expect(failure.message).not.toMatch(/\n/);
  });

  test('nothing listens', async () => {
    const { hive, writer } = await startHive(4);
    const connection = connectionTo(hive, writer);
    await hive.stop();
    const failure = await failureOf(openSession(connection));
    expect(failure).toMatchObject({ reason: 'unreachable' });
    expect(failure.message).toMatch(/: nothing listens there$/);
    await hive.start();
  });

  test.each(rows)('%s: no secret is in the error, however it is printed', async (_name, what) => {
    const { hive, aCase, writer } = await startHive(4);
    const session = await impatient(hive, writer, {
      timeoutMs: what.kind === 'silence' ? 150 : 5000,
      retries: 0,
    });
    const echo = `{"type":"X","message":"key ${writer.key}"}`;
    hive.faults.add({
      when: /case/,
      what: what.kind === 'status' && !what.headers ? { ...what, body: echo } : what,
    });
    const failure = await failureOf(getCase(session, aCase._id));
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain(writer.key);
  });

  test('repeats end when patience does', async () => {
    const { hive, aCase, writer } = await startHive(4);
    const session = await impatient(hive, writer, {
      timeoutMs: 100,
      retries: 50,
      retryDelayMs: 20,
    });
    hive.faults.add({ when: /case/, what: { kind: 'silence' } });
    expect(await failureOf(getCase(session, aCase._id))).toMatchObject({ reason: 'slow' });
  });

  test('a stop is a stop', async () => {
    const { hive, aCase, writer } = await startHive(4);
    const stop = new AbortController();
    const session = await sessionOf(hive, writer, { signal: stop.signal });
    hive.faults.add({ when: /case/, what: { kind: 'silence' } });
    setTimeout(() => stop.abort(), 50);
    expect(await failureOf(getCase(session, aCase._id))).toMatchObject({ kind: 'cancelled' });
  });
});

describe('repeats', () => {
  test.each<Fault['what']>([
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502 },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 504 },
    { kind: 'status', status: 429, headers: { 'Retry-After': '0' } },
    { kind: 'reset' },
    { kind: 'lost-answer' },
  ])('a read passes over %j, twice', async (what) => {
    const { hive, aCase, writer } = await startHive(5);
    const session = await sessionOf(hive, writer);
    hive.faults.add({ when: /GET .*case/, times: 2, what });
    expect(await getCase(session, aCase._id)).toMatchObject({ number: aCase.number });
  });

  test('a query is a read, although it is a POST', async () => {
    const { hive, store, aCase, writer } = await startHive(4);
    store.addObservable(aCase._id);
    const session = await sessionOf(hive, writer);
    hive.faults.add({ when: /query/, times: 2, what: { kind: 'reset' } });
    expect(await listObservables(session, aCase._id)).toHaveLength(1);
  });

  test.each<Fault['what']>([
    { kind: 'lost-answer' },
    { kind: 'reset' },
    { kind: 'status', status: 503 },
  ])('a creation is not repeated after %j', async (what) => {
    const { hive, aCase, writer } = await startHive(4);
    const session = await sessionOf(hive, writer);
    hive.faults.add({ when: /POST .*observable/, times: 1, what });
    const failure = await failureOf(createObservable(session, aCase._id, NEW));
    expect(failure).toBeInstanceOf(TheHiveError);
    expect(hive.writes.length).toBeLessThanOrEqual(1);
  });

  test('a creation that was put off by 429 is', async () => {
    const { hive, aCase, writer } = await startHive(4);
    const session = await sessionOf(hive, writer);
    hive.faults.add({ when: /POST .*observable/, times: 1, what: { kind: 'status', status: 429 } });
    expect(await createObservable(session, aCase._id, NEW)).toMatchObject({ data: 'x' });
  });

  test('Retry-After is waited for', async () => {
    const { hive, aCase, writer } = await startHive(4);
    const session = await sessionOf(hive, writer);
    hive.faults.add({
      when: /GET .*case/,
      times: 1,
      what: { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
    });
    const start = performance.now();
    await getCase(session, aCase._id);
    expect(performance.now() - start).toBeGreaterThan(950);
  });
});

describe('the way there', () => {
  test.each(VERSIONS)(
    'TheHive %d under a path, the URL with a slash at its end',
    async (version) => {
      const { hive, aCase, writer } = await startHive(version, { prefix: '/sec/thehive' });
      const session = await sessionOf(hive, writer, { url: `${hive.url}/` });
      expect(await getCase(session, aCase._id)).toMatchObject({ id: aCase._id });
    },
  );

  test('an HTTP proxy, with its password', async () => {
    const { hive, aCase, writer } = await startHive(4);
    const proxy = await startForwardProxy('ann:p%40ss'.replace('%40', '@'));
    const url = new URL(proxy.url.replace('ann:p@ss', 'ann:p%40ss'));
    const session = await sessionOf(hive, writer, { proxy: url.href });
    await getCase(session, aCase._id);
    expect(proxy.seen.at(-1)).toBe(`GET ${hive.url}/api/v1/case/${aCase._id}`);
    const wrong = failureOf(
      sessionOf(hive, writer, { proxy: proxy.url.replace(/ann.*@/, 'ann:s3cr3tpw@') }),
    );
    expect((await wrong).message).toMatch(/the proxy answers 407/);
    expect(inspect(await wrong, { depth: 20 })).not.toContain('s3cr3tpw');
    await proxy.stop();
  });

  test('the proxy of the environment is left alone', async () => {
    const { hive, aCase, writer } = await startHive(4);
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = 'http://127.0.0.1:9';
    try {
      const session = await sessionOf(hive, writer);
      expect(await getCase(session, aCase._id)).toMatchObject({ id: aCase._id });
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
    }
  });

  test.each([
    ['ftp://hive', 'x', null, /not one of http or https/],
    ['https://ann:s3cr3t@hive', 'x', null, /holds a user or password/],
    ['https://hive/?a=s3cr3t', 'x', null, /goes on after its path/],
    ['https://hive', 's3cr3t\nX: y', null, /characters that no key has/],
    ['https://hive', '', null, /empty/],
    ['https://hive', 'x', 'socks5://u:s3cr3t@p', /its proxy is not a URL of http/],
  ])('%s is refused before anything is sent', (url, apiKey, proxy, message) => {
    const open = () => openTransport({ url, apiKey, organisation: null, proxy });
    expect(open).toThrow(message);
    expect(open).not.toThrow(/s3cr3t/);
  });

  test.each(['..', '.', ''])('the identifier %j cannot climb', async (id) => {
    const transport = openTransport({ url: 'https://hive', apiKey: 'x', organisation: null });
    const call = { method: 'GET', path: ['api', id], task: 'x' } as const;
    expect(await failureOf(transport.json(call, z.unknown()))).toMatchObject({ kind: 'request' });
  });
});

describe('a private authority', () => {
  const withOpenssl = requires('openssl', 'apt-get install openssl');

  withOpenssl(
    'is refused without its certificate, and trusted with it, directly and through a proxy',
    async () => {
      const tls = selfSigned();
      const { hive, aCase, writer } = await startHive(5, { tls });
      const failure = await failureOf(sessionOf(hive, writer));
      expect(failure).toMatchObject({ reason: 'unreachable' });
      expect(failure.message).toMatch(
        /certificate is signed by itself; give its authority \(cacerts\)$/,
      );

      const trusting = { authorities: [tls.cert] };
      expect(await getCase(await sessionOf(hive, writer, trusting), aCase._id)).toMatchObject({
        id: aCase._id,
      });
      const proxy = await startForwardProxy();
      const session = await sessionOf(hive, writer, { ...trusting, proxy: proxy.url });
      expect(await getCase(session, aCase._id)).toMatchObject({ id: aCase._id });
      expect(proxy.seen.at(-1)).toMatch(/^CONNECT localhost:\d+$/);
      expect(await failureOf(sessionOf(hive, writer, { proxy: proxy.url }))).toMatchObject({
        reason: 'unreachable',
      });
      await proxy.stop();
    },
  );
});

/** Opened with patience, since the machine may be busy; impatient from then on. */
async function impatient(
  hive: TheHiveStandIn,
  writer: StoredAccount,
  changes: Partial<Connection>,
): Promise<Session> {
  const session = await sessionOf(hive, writer, { timeoutMs: 20_000 });
  return { ...session, transport: openTransport(connectionTo(hive, writer, changes)) };
}
