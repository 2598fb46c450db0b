import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memoryOf } from '../../src/image/memory-of.ts';
import { physical, type PhysicalAddress } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import {
  avmlImage,
  elfImage,
  flattenedImage,
  kdumpImage,
  limeImage,
  recordsOf,
  type Stretch,
} from '../support/image-writers.ts';

type Writer = (stretches: readonly Stretch[]) => Uint8Array;

const WRITERS: readonly (readonly [string, Writer])[] = [
  ['LiME', limeImage],
  ['AVML', (stretches) => avmlImage(stretches, 65_536 + 4096)],
  ['ELF core', elfImage],
  ['ELF core', (stretches) => elfImage(stretches, { countInSection: true })],
  ['kdump', (stretches) => kdumpImage(stretches, { compression: 'none' })],
  ['kdump', (stretches) => kdumpImage(stretches, { compression: 'zlib' })],
  ['kdump', (stretches) => kdumpImage(stretches, { compression: 'lzo' })],
  ['kdump', (stretches) => kdumpImage(stretches, { compression: 'snappy' })],
  ['kdump', (stretches) => kdumpImage(stretches, { compression: 'zstd' })],
  ['kdump', (stretches) => kdumpImage(stretches, { version: 3 })],
  ['kdump (flattened)', (stretches) => flattenedImage(recordsOf(kdumpImage(stretches), 1000))],
  ['ELF core (flattened)', (stretches) => flattenedImage(recordsOf(elfImage(stretches), 3333))],
];

describe.each(WRITERS)('%s, written and read (%#)', (name, write) => {
  test('gives the same bytes at the same addresses, and holes where nothing was', () => {
    fc.assert(
      fc.property(
        machineMemory,
        fc.array(fc.nat(120 * 4096), { maxLength: 20 }),
        (stretches, spots) => {
          const image = memoryOf(bytesSource(write(stretches)));
          expect(image.format).toBe(name);
          expect(image.warnings).toEqual([]);
          for (const { start, bytes } of stretches) {
            expect(same(readAll(image.memory, physical(start), bytes.length), bytes)).toBe(true);
          }
          for (const spot of spots) {
            const want = expected(stretches, spot, 5000);
            const into = new Uint8Array(5000);
            const count = image.memory.read(physical(spot), into);
            expect(same(into.subarray(0, count), want)).toBe(true);
          }
          const held = image.memory.runs.reduce((sum, { length }) => sum + length, 0);
          expect(held).toBe(stretches.reduce((sum, { bytes }) => sum + bytes.length, 0));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('never fails in an unforeseen way, whatever bytes of it are changed', () => {
    fc.assert(
      fc.property(
        machineMemory,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (stretches, changes, share) => {
          const image = write(stretches);
          // Most of the changes in the headers, where they hurt.
          for (const [at, value] of changes) image[at % Math.min(image.length, 13_000)] = value;
          survive(image.subarray(0, Math.ceil(image.length * Math.min(1, share * 2))));
        },
      ),
      { numRuns: 50 },
    );
  });
});

/** Up to four stretches of 1 to 20 pages with gaps or none between, of zeros, patterns and noise. */
const machineMemory = fc
  .array(
    fc.record({
      gap: fc.nat(8),
      pages: fc.array(
        fc.tuple(fc.constantFrom('zero', 'noise', 'text', 'mixed'), fc.nat(2 ** 30)),
        {
          minLength: 1,
          maxLength: 20,
        },
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts): Stretch[] => {
    let frame = 0;
    return parts.map(({ gap, pages }) => {
      const start = (frame + gap) * 4096;
      frame += gap + pages.length;
      return { start, bytes: Uint8Array.from(Buffer.concat(pages.map(pageOf))) };
    });
  });

function pageOf([kind, seed]: readonly [string, number]): Uint8Array {
  if (kind === 'zero') return new Uint8Array(4096);
  if (kind === 'text') return new Uint8Array(4096).fill(0x20 + (seed % 64));
  let state = seed;
  return Uint8Array.from({ length: 4096 }, (_, index) => {
    if (kind === 'mixed' && (index & 0x200) !== 0) return 7;
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

/** What a read of `count` bytes at `at` must give: up to the next hole. */
function expected(stretches: readonly Stretch[], at: number, count: number): Uint8Array {
  const bytes: number[] = [];
  for (; bytes.length < count;) {
    const address = at + bytes.length;
    const stretch = stretches.find(
      ({ start, bytes: held }) => address >= start && address < start + held.length,
    );
    if (stretch === undefined) break;
    bytes.push(
      ...stretch.bytes.subarray(address - stretch.start).subarray(0, count - bytes.length),
    );
  }
  return Uint8Array.from(bytes);
}

function readAll(memory: PhysicalMemory, at: PhysicalAddress, count: number): Uint8Array {
  const into = new Uint8Array(count);
  return into.subarray(0, memory.read(at, into));
}

function survive(image: Uint8Array): void {
  let memory: PhysicalMemory;
  try {
    ({ memory } = memoryOf(bytesSource(image)));
  } catch (error) {
    expect(error).toMatchObject({ name: 'Ip2ProcessError', kind: 'image' });
    return;
  }
  let end = 0;
  const into = new Uint8Array(65_536);
  for (const { start, length } of memory.runs.slice(0, 200)) {
    expect(start).toBeGreaterThanOrEqual(end);
    expect(length).toBeGreaterThan(0);
    end = start + length;
    expect(end).toBeLessThanOrEqual(2 ** 52);
    expect(memory.read(start, into)).toBeLessThanOrEqual(into.length);
    memory.read(physical(end - 1), into);
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
