import { describe, expect, test } from '@jest/globals';
import type { Attribution } from '../../src/attribute/attribution.ts';
import { hostsAskedFor, peerOf, pivotsOf } from '../../src/attribute/pivots.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import {
  attributionOf,
  fakeEngine,
  occurrenceOf,
  processOf,
  PROXY,
  socketTo,
} from '../support/fake-engine.ts';

const pivots = (memory: string, changes: Partial<Attribution> = {}) =>
  pivotsOf(
    [parseIndicator('35.178.122.152')],
    fakeEngine({}, [{ at: 0x10_0080n, bytes: memory }]),
    [occurrenceOf()],
    [attributionOf({ verdict: 'likely', ...changes })],
    PROXY,
  );

describe('pivots are', () => {
  test('hosts beside the indicator in memory of a process that talks', () => {
    expect(pivots('Host: c2.example\r\n http://c2.example/ CONNECT b.example:443 ')).toEqual([
      { kind: 'domain', text: 'c2.example', hits: 2, pids: [42], source: 'Host header, URL' },
      { kind: 'domain', text: 'b.example', hits: 1, pids: [42], source: 'CONNECT' },
    ]);
  });

  test('what it asked for, first', () => {
    const told = pivots('Host: c2.example\r\n Host: c2.example\r\n', { askedFor: ['d.example'] });
    expect(told.map(({ text, source }) => [text, source])).toEqual([
      ['d.example', 'sent request'],
      ['c2.example', 'Host header'],
    ]);
  });

  test.each([
    ['the indicator itself', 'Host: 35.178.122.152\r\n'],
    ['the proxy', 'http://172.31.0.250:8080/'],
    ['names of vocabularies', 'http://www.w3.org/1999/xhtml http://schemas.xmlsoap.org/soap'],
    ['this machine', 'http://localhost/ http://127.0.0.1:631/'],
    ['what is no host', 'http://x/ http://libc.so.6/ http://-a-.b/'],
  ])('not %s', (_, memory) => expect(pivots(memory)).toEqual([]));

  test.each(['possible', 'carrier-only'] as const)(
    'none where the process is only %s',
    (verdict) => {
      expect(pivots('Host: c2.example\r\n', { verdict, askedFor: ['d.example'] })).toEqual([]);
    },
  );

  test('at most fifty', () => {
    const many = Array.from({ length: 80 }, (_, n) => `Host: h${n}.example\r\n`).join('');
    expect(pivots(many)).toHaveLength(50);
  });
});

test('a host is a peer when somebody beyond the proxy could have the name', () => {
  const kinds = [
    'a.example',
    'A.EXAMPLE',
    '10.0.0.1',
    '2001:db8::1',
    'xn--e1afmkfd.xn--p1ai',
    'wpad',
    'a.local1',
    '..',
    '999.1.1.1',
    'localhost.localdomain',
    '4.3.2.1.in-addr.arpa',
  ].map((host) => peerOf(host)?.text ?? null);
  expect(kinds).toEqual([
    'a.example',
    'a.example',
    '10.0.0.1',
    '2001:db8::1',
    'xn--e1afmkfd.xn--p1ai',
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('the hosts to try are those that clients of the proxy asked for, the rarest first', () => {
  const sockets = [socketTo(PROXY.address, PROXY.port)];
  const engine = fakeEngine({
    processes: [processOf({ sockets }), processOf({ sockets }), processOf()],
  });
  const sent = new Map(
    [['news.example', 'c2.example'], ['news.example'], ['unseen.example']].map(
      (askedFor, index) => [index, { last: [], earlier: [], askedFor }],
    ),
  );
  expect(hostsAskedFor(engine, sent, PROXY)).toEqual(['c2.example', 'news.example']);
  expect(hostsAskedFor(engine, sent, null)).toEqual([]);
});
