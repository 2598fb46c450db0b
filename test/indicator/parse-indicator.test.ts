import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Ip2ProcessError } from '../../src/errors.ts';
import {
  hostOf,
  MAX_INDICATOR_LENGTH,
  MAX_INDICATORS,
  parseIndicator,
  parseIndicatorList,
  parseIndicators,
} from '../../src/indicator/parse-indicator.ts';

test.each([
  ['35.178.122.152', 'ipv4', '35.178.122.152'],
  ['35[.]178[.]122[.]152', 'ipv4', '35.178.122.152'],
  ['35(.)178{.}122[dot]152', 'ipv4', '35.178.122.152'],
  [' "<35.178.122.152>"\r\n', 'ipv4', '35.178.122.152'],
  ['35.178.122.152:443', 'ipv4', '35.178.122.152'],
  ['127.0.0.1', 'ipv4', '127.0.0.1'],
  ['255.255.255.255', 'ipv4', '255.255.255.255'],
  ['::ffff:35.178.122.152', 'ipv4', '35.178.122.152'],
  ['::FFFF:23b2:7a98', 'ipv4', '35.178.122.152'],
  ['[::ffff:35.178.122.152]:80', 'ipv4', '35.178.122.152'],
  ['2001:0DB8:0:0:0:0:0:1', 'ipv6', '2001:db8::1'],
  ['2001[:]db8[:][:]1', 'ipv6', '2001:db8::1'],
  ['[2001:db8::1]:443', 'ipv6', '2001:db8::1'],
  ['64:ff9b::35.178.122.152', 'ipv6', '64:ff9b::23b2:7a98'],
  ['Evil.Example.', 'domain', 'evil.example'],
  ['evil[.]example:8080', 'domain', 'evil.example'],
  ['_dmarc.evil.example', 'domain', '_dmarc.evil.example'],
  ['bücher.example', 'domain', 'xn--bcher-kva.example'],
  ['hxxp://Evil[.]example', 'url', 'http://evil.example/'],
  ['hxxps[:]//evil.example/A?b=C#d', 'url', 'https://evil.example/A?b=C'],
  ['HTTPS://evil.example:443/', 'url', 'https://evil.example/'],
  ['wss://evil.example/socket', 'url', 'wss://evil.example/socket'],
  ['ftp://[2001:db8::1]/x', 'url', 'ftp://[2001:db8::1]/x'],
  ['http://0x23b27a98/', 'url', 'http://35.178.122.152/'],
])('%j is the %s %s', (given, kind, text) => {
  expect(parseIndicator(given)).toMatchObject({ kind, text, given });
});

test('octets are in network order', () => {
  expect([...(parseIndicator('35.178.122.152').octets ?? [])]).toEqual([35, 178, 122, 152]);
  expect(Buffer.from(parseIndicator('2001:db8::1').octets ?? []).toString('hex')).toBe(
    '20010db8000000000000000000000001',
  );
  expect(parseIndicator('evil.example').octets).toBeNull();
});

test.each([
  ['', 'it is empty; give an IPv4 or IPv6 address, a domain name, or a URL'],
  [' "" ', 'it is empty'],
  ['35.178.122.256', 'octet 256 is above 255'],
  ['35.178.122.0152', 'octet 0152 has a leading zero'],
  ['35.178.122', 'not four decimal numbers'],
  ['35.178.122.152.7', 'not four decimal numbers'],
  ['598899352', 'not four decimal numbers'],
  ['0x23b27a98', 'not four decimal numbers'],
  ['35.178.122.0/24', 'it is a network (CIDR)'],
  ['2001:db8::/32', 'it is a network (CIDR)'],
  ['0.0.0.0', '0.0.0.0/8'],
  ['::', '::/96'],
  ['::1', '::/96'],
  ['fe80::1%eth0', 'a zone id names an interface'],
  ['2001:db8:::1', 'no IPv6 address'],
  ['localhost', 'one label alone'],
  ['com', 'one label alone'],
  ['*.evil.example', 'it is a wildcard'],
  ['evil..example', 'no valid domain name'],
  ['-evil.example', 'no valid domain name'],
  ['evil example.com', 'no valid domain name'],
  [`${'a'.repeat(64)}.example`, 'no valid domain name'],
  ['evil.example/path', 'a path but no scheme'],
  ['gopher://evil.example/', 'its scheme is "gopher:"'],
  ['http://', 'it is no valid URL'],
])('%j is refused: %s', (given, reason) => {
  expect(() => parseIndicator(given)).toThrow(Ip2ProcessError);
  expect(() => parseIndicator(given)).toThrow(reason);
});

describe('what is refused is shown', () => {
  test('cut, when it is long', () => {
    expect(messageOf('a'.repeat(MAX_INDICATOR_LENGTH + 1))).toBe(
      `Cannot look for "${'a'.repeat(80)}…": it is 2049 characters long, at most 2048 are accepted`,
    );
    expect(messageOf(`http://evil.example/${'é'.repeat(2000)}`)).toMatch(
      /it is 12020 characters long/u,
    );
  });

  test('without characters that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        expect(messageOf(`${given}\u001b[2J\u202e`)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(messageOf(given).length).toBeLessThan(1100);
      }),
    );
  });
});

test('the canonical text of an indicator is its own canonical text', () => {
  const given = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.domain(),
    fc.webUrl({ withQueryParameters: true }),
  );
  fc.assert(
    fc.property(given, (text) => {
      fc.pre(!/^(?:0\.|::)|(?:^|[:.])0{1,4}:0{0,4}:/u.test(text));
      const { kind, text: canonical } = parseIndicator(text);
      expect(parseIndicator(canonical)).toMatchObject({ kind, text: canonical });
    }),
  );
});

test('several are given once each, in order', () => {
  const texts = ['evil.example', '1.2.3.4', 'EVIL[.]example', '::ffff:1.2.3.4'];
  expect(parseIndicators(texts).map(({ given }) => given)).toEqual(['evil.example', '1.2.3.4']);
});

describe('a list', () => {
  test('holds one a line, with comments, blank lines and any line end', () => {
    const list =
      '\ufeff# seen on Monday\r\n1.2.3.4\r\n\n evil[.]example # C2\r2001:db8::1\n1.2.3.4\n';
    expect(parseIndicatorList(list).map(({ text }) => text)).toEqual([
      '1.2.3.4',
      'evil.example',
      '2001:db8::1',
    ]);
    expect(parseIndicatorList('# nothing\n')).toEqual([]);
  });

  test('names the line of what it refuses', () => {
    expect(() => parseIndicatorList('1.2.3.4\n\nlocalhost\n')).toThrow(
      expect.objectContaining({
        kind: 'request',
        message: expect.stringMatching(/^Cannot look for "localhost": .*, on line 3 of the list$/u),
        place: { indicator: 'localhost', line: 3 },
      }),
    );
  });

  test('is bounded', () => {
    const lines = Array.from({ length: MAX_INDICATORS + 1 }, (_, i) => `n${i}.example`).join('\n');
    expect(() => parseIndicatorList(lines)).toThrow('at most 1000 are accepted, on line 1001');
  });
});

test.each([
  ['https://evil.example/x', 'evil.example'],
  ['http://35.178.122.152:8080/', '35.178.122.152'],
  ['http://[2001:db8::1]/', '2001:db8::1'],
  ['http://localhost/x', undefined],
  ['evil.example', undefined],
])('the host of %s is %s', (given, host) => expect(hostOf(parseIndicator(given))?.text).toBe(host));

function messageOf(given: string): string {
  try {
    parseIndicator(given);
  } catch (error) {
    if (error instanceof Ip2ProcessError && error.kind === 'request') return error.message;
  }
  return 'accepted';
}
