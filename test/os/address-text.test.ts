import { expect, test } from '@jest/globals';
import { addressText } from '../../src/os/address-text.ts';

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

test.each<[number[], 4 | 6, string]>([
  [[203, 0, 113, 7], 4, '203.0.113.7'],
  [[0, 0, 0, 0], 4, '0.0.0.0'],
  [[...MAPPED, 203, 0, 113, 7], 4, '203.0.113.7'],
  [Array.from({ length: 16 }, () => 0), 6, '::'],
  [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 6, '2001:db8::1'],
])('%j is IPv%i %s', (octets, family, text) => {
  expect(addressText(Uint8Array.from(octets))).toEqual({ family, text });
});

test.each([0, 3, 5, 15, 17])('%i octets are no address', (length) => {
  expect(addressText(new Uint8Array(length))).toBeNull();
});
