import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { imageHash } from '../../src/image/image-hash.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';

const bytes = Uint8Array.from({ length: 600_000 }, (_, index) => (index * 31 + (index >> 9)) & 255);

test.each([0, 1, 256 * 1024, 600_000])('of %d bytes: what any other program says', async (size) => {
  const part = bytes.subarray(0, size);
  expect(await imageHash(bytesSource(part))).toBe(createHash('sha256').update(part).digest('hex'));
});

test('is none where it was stopped', async () => {
  expect(await imageHash(bytesSource(bytes), { signal: AbortSignal.abort() })).toBeNull();
});

test('lets others have their turn, and tells how far it is', async () => {
  const slow = { ...bytesSource(bytes), size: bytes.length, fd: null };
  const told: number[] = [];
  const stop = new AbortController();
  const read = (offset: number, into: Uint8Array): number => {
    const end = performance.now() + 120;
    while (performance.now() < end);
    return bytesSource(bytes).read(offset, into);
  };
  setTimeout(() => stop.abort(), 1);
  const hash = await imageHash(
    { ...slow, read },
    { signal: stop.signal, onProgress: (done) => told.push(done) },
  );
  expect(hash).toBeNull();
  expect(told.length).toBeGreaterThan(0);
});
