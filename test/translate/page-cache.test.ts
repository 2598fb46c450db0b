import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PAGE_BYTES, physical } from '../../src/memory/address.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { PageCache } from '../../src/translate/page-cache.ts';
import { memoryOf } from '../support/page-tables.ts';

const FRAMES = 40;
const bytes = Uint8Array.from({ length: FRAMES * PAGE_BYTES }, (_, at) => (at * 31) >>> 3);

test('reads what the memory itself would give, holes included', () => {
  const memory = memoryOf(bytes, [3, 4, 17]);
  const cache = new PageCache(memory, 8);
  const address = fc.integer({ min: 0, max: bytes.length + PAGE_BYTES });
  const length = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 80_000 }));
  fc.assert(
    fc.property(address, length, (at, count) => {
      const [expected, found] = [new Uint8Array(count), new Uint8Array(count)];
      expect(cache.read(physical(at), found)).toBe(memory.read(physical(at), expected));
      expect(Buffer.compare(found, expected)).toBe(0);
    }),
  );
});

test('finds bytes where a run ends or begins inside a page', () => {
  const memory: PhysicalMemory = {
    runs: [
      { start: physical(0), length: 100, fileOffset: 0 },
      { start: physical(200), length: 300, fileOffset: 100 },
    ],
    read(at, into) {
      const run = this.runs.find(({ start, length }) => at >= start && at < start + length);
      const count = run === undefined ? 0 : Math.min(into.length, run.start + run.length - at);
      into.set(bytes.subarray(at, at + count));
      return count;
    },
  };
  const cache = new PageCache(memory, 8);
  const read = (at: number): number => cache.read(physical(at), new Uint8Array(50));
  expect([0, 60, 100, 150, 200, 470, 500].map(read)).toEqual([50, 40, 0, 0, 50, 30, 0]);
});

test('asks for a page once, and again only after another took its place', () => {
  const memory = memoryOf(bytes);
  const cache = new PageCache(memory, 8);
  const read = (frame: number): number =>
    cache.read(physical(frame * PAGE_BYTES + 8), new Uint8Array(16));
  for (const frame of [1, 1, 2, 1, 2]) read(frame);
  expect(cache.misses).toBe(2);
  read(9);
  read(1);
  expect(cache.misses).toBe(4);
  expect(memory.asked).toBe(4 * PAGE_BYTES);
});

test('takes no more room than the memory has', () => {
  expect(new PageCache(memoryOf(bytes)).view.byteLength).toBe(bytes.length);
  expect(new PageCache(memoryOf(bytes), 8).view.byteLength).toBe(8 * PAGE_BYTES);
});

test('locates only what lies in one page and in the image', () => {
  const cache = new PageCache(memoryOf(bytes, [3]), 8);
  const at = cache.locate(PAGE_BYTES + 16, 8);
  expect(cache.view.getUint8(at)).toBe(bytes[PAGE_BYTES + 16]);
  expect(cache.locate(2 * PAGE_BYTES - 4, 8)).toBe(-1);
  expect(cache.locate(3 * PAGE_BYTES, 8)).toBe(-1);
});

test('a cached memory is not cached twice', () => {
  const cache = new PageCache(memoryOf(bytes), 8);
  expect(PageCache.over(cache)).toBe(cache);
});
