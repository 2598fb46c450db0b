import { expect, test } from '@jest/globals';
import { byteCount } from '../../src/report/byte-count.ts';

test.each([
  [2 ** 30, '1 GiB'],
  [1.5 * 2 ** 30, '1.5 GiB'],
  [3 * 2 ** 20, '3 MiB'],
  [4096, '4 KiB'],
  [0, '0 KiB'],
])('%d bytes are %s', (bytes, text) => expect(byteCount(bytes)).toBe(text));
