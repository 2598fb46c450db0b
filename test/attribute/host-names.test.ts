import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostsIn } from '../../src/attribute/host-names.ts';

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
    ),
  );
const found = (...parts: (string | number[])[]) =>
  hostsIn(bytes(...parts)).map(({ host, source }) => [host, source]);

const wide = (text: string): string => Buffer.from(text, 'utf16le').toString('latin1');

/** RFC 1035: labels with their lengths and a zero. */
const wire = (name: string): number[] => [
  ...name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]),
  0,
];
/** RFC 6066: the extension of a ClientHello. */
const sni = (name: string): number[] => [
  0,
  0,
  0,
  name.length + 5,
  0,
  name.length + 3,
  0,
  0,
  name.length,
  ...Buffer.from(name),
];

describe('a host stands in', () => {
  test.each<[string, (string | number[])[], [string, string][]]>([
    ['a tunnel request', ['CONNECT c2.example:443 HTTP/1.1'], [['c2.example', 'CONNECT']]],
    ['a Host field', ['\r\nhost: C2.Example\r\n'], [['c2.example', 'Host header']]],
    ['a URL with userinfo', ['https://joe:pw@c2.example/x'], [['c2.example', 'URL']]],
    ['a URL with an IPv6 address', ['http://[2001:db8::7]/x'], [['2001:db8::7', 'URL']]],
    ['a ClientHello', [[1, 2, 3], sni('c2.example'), [0, 23]], [['c2.example', 'SNI']]],
    [
      'a DNS question',
      [[0x12, 0x34], wire('www.c2.example'), [0, 1, 0, 1]],
      [['www.c2.example', 'DNS']],
    ],
    ['an HTTPS question', [wire('c2.example'), [0, 65, 0, 1]], [['c2.example', 'DNS']]],
    [
      'two DNS questions, one behind the other',
      [wire('a.example'), [0, 1, 0, 1], wire('b.example'), [0, 28, 0, 1]],
      [
        ['a.example', 'DNS'],
        ['b.example', 'DNS'],
      ],
    ],
    ['UTF-16 text', [wide('GET http://c2.example/ HTTP')], [['c2.example', 'URL']]],
  ])('%s', (_, parts, expected) => expect(found(...parts)).toEqual(expected));

  test.each<[string, (string | number[])[]]>([
    ['a bare name', ['libc.so.6 evil.example']],
    ['a file name', ['/opt/lab/telemetry.py']],
    ['a longer word', ['XCONNECT a.example:1 , x-host: a.example']],
    ['the revocation list of a certificate', [[0x86, 0x17], 'http://crl.example/a.crl']],
    ['labels without type and class', [wire('www.c2.example'), [9, 9, 9, 9]]],
    ['one label', [wire('localhost'), [0, 1, 0, 1]]],
    ['a name that runs out of the bytes', [[63, 65, 66]]],
    ['an extension whose lengths disagree', [[0, 0, 0, 20, 0, 13, 0, 0, 10], 'c2.example']],
  ])('but not in %s', (_, parts) => expect(found(...parts)).toEqual([]));
});

test('places are told in their order, UTF-16 ones too', () => {
  const text = bytes(
    'Host: a.example\r\n',
    [0, 0],
    wide('Host: b.example\r\n'),
    'Host: c.example\r\n',
  );
  expect(hostsIn(text).map(({ host, at }) => [host, at])).toEqual([
    ['a.example', 0],
    ['b.example', 19],
    ['c.example', 19 + 34],
  ]);
});

test('any bytes are read without fault, and every host stands within them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      for (const { host, at } of hostsIn(noise)) {
        expect(at).toBeLessThan(noise.length);
        expect(host.length).toBeLessThanOrEqual(255);
      }
    }),
  );
});
