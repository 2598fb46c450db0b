import { expect, test } from '@jest/globals';
import {
  ALL_BYTES,
  ALL_SHARES,
  ANY_UPPER,
  type ByteShares,
  halfSetOf,
  MemoryModel,
  shareInMemory,
} from '../../src/scan/byte-model.ts';

const model = new MemoryModel();
const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

function sharesOf(bytes: readonly number[]): ByteShares {
  const each = bytes.map((byte) => model.of(halfSetOf([byte])));
  const sumOf = (kind: keyof ByteShares): number =>
    each.reduce((sum, shares) => sum + shares[kind], 0);
  return {
    noise: sumOf('noise'),
    mixed: sumOf('mixed'),
    text: sumOf('text'),
    zeros: sumOf('zeros'),
  };
}

test('the kinds of memory are all of it', () => {
  expect(shareInMemory(ALL_SHARES, ALL_SHARES, ALL_SHARES, ALL_SHARES)).toBeCloseTo(1);
  for (const share of Object.values(model.of(ALL_BYTES))) expect(share).toBeCloseTo(1);
});

test.each([
  ['of one upper half', everyByte.slice(0x30, 0x38), halfSetOf(everyByte.slice(0x30, 0x38))],
  ['in either case', [0x61, 0x41], halfSetOf([0x61, 0x41])],
  ['whose halves mix', [0x12, 0x19, 0x32, 0x39, 0xf2, 0xf9], halfSetOf([0x12, 0x39, 0xf2])],
  [
    'of one lower half',
    everyByte.filter((byte) => (byte & 15) === 1),
    ANY_UPPER | halfSetOf([0x21]),
  ],
  ['of all', everyByte, ALL_BYTES],
])('bytes %s have the same share by their halves as one by one', (_, bytes, set) => {
  const expected = sharesOf(bytes);
  const actual = model.of(set);
  expect(actual.noise).toBeCloseTo(expected.noise);
  expect(actual.mixed).toBeCloseTo(expected.mixed);
  expect(actual.text).toBeCloseTo(expected.text);
  expect(actual.zeros).toBeCloseTo(expected.zeros);
});

test('all bytes are a set of their own', () => {
  expect(halfSetOf(everyByte)).toBe(ALL_BYTES);
});
