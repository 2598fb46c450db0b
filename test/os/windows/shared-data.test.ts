import { expect, test } from '@jest/globals';
import { dateOf } from '../../../src/os/windows/shared-data.ts';

test.each<[bigint, string | null]>([
  [0n, null],
  [116_444_736_000_000_000n, '1970-01-01T00:00:00.000Z'],
  [132_639_173_865_340_000n, '2021-04-26T13:29:46.534Z'],
  [1n, null],
  [2n ** 63n, null],
])('FILETIME %d is %s', (time, expected) => {
  expect(dateOf(time)?.toISOString() ?? null).toBe(expected);
});
