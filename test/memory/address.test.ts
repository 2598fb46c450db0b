import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  frameOf,
  frameStart,
  hex,
  physical,
  virtual,
  virtualPageOf,
  virtualPageStart,
} from '../../src/memory/address.ts';

test('a physical address lies in the frame that its number names, up to 52 bits', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      const address = physical(number % 2 ** 52);
      const start = frameStart(frameOf(address));
      expect(start).toBeLessThanOrEqual(address);
      expect(address - start).toBeLessThan(4096);
    }),
  );
});

test('a virtual page number is exact for all 64 bits', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (bits) => {
      const address = virtual(bits);
      expect(virtualPageStart(virtualPageOf(address))).toBe(bits - (bits % 4096n));
    }),
  );
});

test('a signed 64-bit pattern is the unsigned address that it means', () => {
  expect(hex(virtual(-1n))).toBe('0xffffffffffffffff');
  expect(hex(virtual(0xffff_8000_0000_0000n))).toBe('0xffff800000000000');
});
