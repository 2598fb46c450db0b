import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalIpv6,
  ipv4Octets,
  ipv6Groups,
  ipv6Octets,
  isInLowest96,
  mappedIpv4,
} from '../../src/indicator/ip-text.ts';

test.each([
  ['1.2.3.4', [1, 2, 3, 4]],
  ['1.2.3.04', null],
  ['1.2.3', null],
  ['1.2.3.256', null],
  [' 1.2.3.4', null],
])('ipv4Octets(%j) is %j', (text, octets) =>
  expect(ipv4Octets(text)).toEqual(octets && Uint8Array.from(octets)),
);

test.each([
  ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
  ['1::', [1, 0, 0, 0, 0, 0, 0, 0]],
  ['1:0:2:0:0:3:0:4', [1, 0, 2, 0, 0, 3, 0, 4]],
  ['64:ff9b::1.2.3.4', [0x64, 0xff9b, 0, 0, 0, 0, 0x102, 0x304]],
])('the groups of %s are %j', (text, groups) =>
  expect(ipv6Groups(ipv6Octets(text) ?? new Uint8Array())).toEqual(groups),
);

test.each(['1.2.3.4', 'fe80::1%eth0', ':::', '1:2', '[::1]', '::1 '])(
  '%j is no IPv6 address',
  (text) => expect(ipv6Octets(text)).toBeNull(),
);

test('the canonical text has the same octets and is its own canonical text', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const canonical = canonicalIpv6(text);
      expect(ipv6Octets(canonical)).toEqual(ipv6Octets(text));
      expect(canonicalIpv6(canonical)).toBe(canonical);
    }),
  );
});

const octets = (text: string): Uint8Array => ipv6Octets(text) ?? new Uint8Array();

test('only ::ffff:0:0/96 is a mapped IPv4 address, only ::/96 the lowest', () => {
  expect(mappedIpv4(octets('::ffff:1.2.3.4'))).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(mappedIpv4(octets('::1:ffff:102:304'))).toBeNull();
  expect(mappedIpv4(octets('::1.2.3.4'))).toBeNull();
  expect(isInLowest96(octets('::1.2.3.4'))).toBe(true);
  expect(isInLowest96(octets('::1:0:0'))).toBe(false);
});
