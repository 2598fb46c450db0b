import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { machineCode } from '../../src/machine-code/machine-code.ts';
import { physical } from '../../src/memory/address.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { ALL_BYTES, halfSetOf } from '../../src/scan/byte-model.ts';
import { countFours, MemorySample, sampleOf } from '../../src/scan/memory-sample.ts';

const PAGE = 4096;
const set = (text: string): number => halfSetOf([...Buffer.from(text)]);

/** A page of one text, over and over. */
const pageOf = (text: string): Uint8Array => Uint8Array.from(Buffer.alloc(PAGE, text));

describe('a sample of a page of "GET /a HTTP/1.1 "', () => {
  const sample = new MemorySample(pageOf('GET /a HTTP/1.1 '));

  test.each([
    ['GET ', 1 / 8],
    ['TTP/', 1 / 8],
    ['/1.1', 0],
    ['wxyz', 0],
  ])('tells how often %j stands at an even place', (text, share) => {
    const [a = '', b = '', c = '', d = ''] = text;
    expect(sample.shareOf(set(a), set(b), set(c), set(d))).toBeCloseTo(share, 2);
  });

  test('sums up what has the same halves', () => {
    expect(sample.shareOf(ALL_BYTES, ALL_BYTES, ALL_BYTES, ALL_BYTES)).toBeCloseTo(1, 2);
    // "GET " and " HTT" by "G" or " " and so on; half of each byte is enough to be in the sets.
    expect(sample.shareOf(set('G '), set('EH'), set('T'), set(' T'))).toBeCloseTo(2 / 8, 2);
  });

  test('tells how often a pair stands at an even place', () => {
    expect(sample.shareOfPair(0x47 | (0x45 << 8))).toBe(1 / 8);
    expect(sample.shareOfPair(0x45 | (0x54 << 8))).toBe(0);
  });
});

const code = machineCode();

(code === null ? test.skip : test)('machine code counts the same (needs Linux on x86-64)', () => {
  // Few different words and few slots: four bytes meet, and drive each other out.
  const words = fc.uint16Array({ maxLength: 300, max: 5 });
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 6 }), fc.nat(5), (some, slotBits, least) => {
      const counted = [code?.countFours ?? countFours, countFours].map((count) => {
        const tables = [2 ** 16, 2 ** slotBits, 2 ** slotBits].map((size) => new Uint32Array(size));
        const [pairs, fours, counts] = tables;
        const frequent = pairs && fours && counts && count(some, pairs, fours, counts, least);
        return Buffer.concat([
          Buffer.of(frequent ?? 0),
          ...tables.map(({ buffer }) => Buffer.from(buffer)),
        ]);
      });
      expect(counted[0]?.equals(counted[1] ?? Buffer.of())).toBe(true);
    }),
  );
});

describe('sampleOf()', () => {
  test('takes pages from everywhere', () => {
    const { memory, asked } = memoryOf(2 ** 18, (page) =>
      page < 2 ** 20 + 2 ** 17 ? 'even' : 'odd.',
    );
    const sample = new MemorySample(sampleOf(memory) ?? new Uint8Array());
    expect(asked).toHaveLength(64);
    expect(Math.min(...asked)).toBeLessThan(2 ** 32 + 2 ** 24);
    expect(Math.max(...asked)).toBeGreaterThan(2 ** 32 + 2 ** 30 - 2 ** 24);
    expect(new Set(asked).size).toBe(64);
    expect(sample.shareOfPair(0x65 | (0x76 << 8))).toBeCloseTo(1 / 4);
    expect(sample.shareOfPair(0x6f | (0x64 << 8))).toBeCloseTo(1 / 4);
  });

  test.each<[string, ReturnType<typeof memoryOf>]>([
    ['a small image', memoryOf(1000, () => 'text')],
    ['one that is not in the file as it is', memoryOf(2 ** 18, () => 'text', null)],
  ])('%s is not sampled', (_, { memory, asked }) => {
    expect(sampleOf(memory)).toBe(null);
    expect(asked).toEqual([]);
  });

  test('of pages that cannot be read nothing is learned', () => {
    const { memory } = memoryOf(2 ** 18, () => 'text');
    expect(sampleOf({ ...memory, read: () => 0 })).toBe(null);
  });
});

/** Memory of a short run and one of so many pages, and where it was asked for bytes. */
function memoryOf(
  pages: number,
  text: (page: number) => string,
  fileOffset: number | null = 0,
): { readonly memory: PhysicalMemory; readonly asked: number[] } {
  const asked: number[] = [];
  const memory: PhysicalMemory = {
    runs: [
      { start: physical(PAGE), length: 3 * PAGE, fileOffset },
      { start: physical(2 ** 32), length: pages * PAGE, fileOffset },
    ],
    read(at, into) {
      asked.push(at);
      into.set(pageOf(text(at / PAGE)));
      return into.length;
    },
  };
  return { memory, asked };
}
