import { describe, expect, test } from '@jest/globals';
import {
  addressOf,
  defangIn,
  endpointText,
  grouped,
  moment,
  plural,
  size,
  tally,
} from '../../../src/report/html/notation.ts';

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [4096, '4 KiB'],
  [1536 * 1024, '1.5 MiB'],
  [2 ** 30, '1 GiB'],
  [2n ** 46n + 1n, '64 TiB'],
  [2n ** 70n, '1024 EiB'],
])('size(%s) is %s', (bytes, text) => expect(size(bytes)).toBe(text));

test.each([
  [999, '999'],
  [1000, '1\u202f000'],
  [1_073_741_824, '1\u202f073\u202f741\u202f824'],
])('grouped(%d) is %j', (count, text) => expect(grouped(count)).toBe(text));

test('plural() knows one from many', () => {
  expect([plural(1, 'hit'), plural(2, 'hit'), plural(0, 'hit')]).toEqual([
    '1 hit',
    '2 hits',
    '0 hits',
  ]);
});

test.each([
  ['2026-11-22T15:16:12.035Z', '2026-11-22 15:16:12 UTC'],
  ['2026-11-22T15:16:12Z', '2026-11-22 15:16:12 UTC'],
  ['yesterday', 'yesterday'],
])('moment(%j) is %j', (iso, text) => expect(moment(iso)).toBe(text));

test('tally() has the largest first', () => {
  expect(tally({ stack: 2, heap: 1068 })).toBe('heap 1\u202f068, stack 2');
});

test.each([
  ['0x7ffe0000', 0x7ffe0000n],
  ['0xffffffffffffffff', 2n ** 64n - 1n],
  ['0x1ffffffffffffffff', null],
  ['7ffe', null],
  ['0xzz', null],
])('addressOf(%j) is %s', (text, address) => expect(addressOf(text)).toBe(address));

test('endpointText() puts an IPv6 address into brackets', () => {
  expect(endpointText({ address: '::1', port: 80 })).toBe('[::1]:80');
});

const indicator = (text: string) => ({
  kind: 'domain',
  text,
  given: text,
  origin: 'given' as const,
  hits: 1,
});

describe('defangIn()', () => {
  const tell = defangIn({
    indicators: [indicator('evil.example'), indicator('10.0.0.1')],
    pivots: [{ kind: 'url', text: 'http://c2.evil.example/a', hits: 1, pids: [], source: 'URL' }],
  });

  test.each([
    ['GET http://evil.example/ HTTP/1.1', 'GET http://evil[.]example/ HTTP/1.1'],
    ['EVIL.Example', 'EVIL[.]Example'],
    ['10.0.0.1:443, 10a0b0c1', '10[.]0[.]0[.]1:443, 10a0b0c1'],
    ['see http://c2.evil.example/a', 'see hxxp://c2[.]evil[.]example/a'],
    ['good.example', 'good.example'],
  ])('%j is told as %j', (text, told) => expect(tell(text)).toBe(told));

  test('lives with a pivot of a megabyte, and with none', () => {
    const long = 'a.'.repeat(2 ** 19);
    const pivots = [{ kind: 'domain' as const, text: long, hits: 1, pids: [], source: 'DNS' }];
    expect(defangIn({ indicators: [], pivots })(long).length).toBeLessThan(10_000);
    expect(defangIn({ indicators: [], pivots: [] })('a.b')).toBe('a.b');
  });
});
