import { expect, test } from '@jest/globals';
import { readRoom } from '../../src/memory/read-room.ts';

test.each([0, 1, 4096, 2 ** 20])('room for %d bytes is that large, and empty', (length) => {
  const room = readRoom(length);
  expect(room).toHaveLength(length);
  expect(room.every((byte) => byte === 0)).toBe(true);
});

// Where an allocation begins in its page is not seen from here; what is given must not begin with it.
test('room does not begin where its allocation does', () => {
  expect(readRoom(2 ** 20).byteOffset % 4096).toBeGreaterThanOrEqual(64);
});
