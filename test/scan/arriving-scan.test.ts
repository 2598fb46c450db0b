import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { memoryOf } from '../../src/image/memory-of.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { physical } from '../../src/memory/address.ts';
import { fileSource } from '../../src/memory/byte-source.ts';
import type { GrowingSource } from '../../src/memory/growing-source.ts';
import type { MemoryRun } from '../../src/memory/physical-memory.ts';
import { type ArrivingScan, continues, scanArriving } from '../../src/scan/arriving-scan.ts';
import { scan, type ScanResult } from '../../src/scan/scan.ts';
import {
  avmlImage,
  elfImage,
  limeImage,
  rawImage,
  type Stretch,
} from '../support/image-writers.ts';

const MIB = 2 ** 20;
const IP = '35.178.122.152';
const indicators = [IP, 'evil.example'].map((text) => parseIndicator(text));
const patterns = patternsOf(indicators);
const anchors = [{ name: 'mark', bytes: Buffer.from('the mark'), pageOffsets: [0] }];

/** Text over every edge that could matter: pages, blocks, and places where an arrival stops. */
function memoryOfSize(bytes: number): Uint8Array {
  const memory = new Uint8Array(bytes);
  for (let at = 1; at < bytes; at += MIB / 4 + 4096 * 3)
    memory.set(Buffer.from(`http://${IP}/`), at);
  for (let edge = 256 * 1024; edge < bytes; edge += MIB) {
    memory.set(Buffer.from(IP), edge - 5);
    memory.set(Buffer.from('the mark'), edge + 8192);
  }
  return memory;
}

/** Two stretches that touch, and one far above. */
const stretches: readonly Stretch[] = [
  { start: 0x1000, bytes: memoryOfSize(3 * MIB) },
  { start: 0x1000 + 3 * MIB, bytes: memoryOfSize(5 * MIB) },
  { start: 2 ** 32, bytes: memoryOfSize(4 * MIB) },
];

/** All but the time it took. */
const told = (result: ScanResult): unknown => ({
  ...result,
  spent: null,
  tails: [...result.tails],
  heads: [...result.heads],
  larger: [...result.larger],
});

/** The image as a file that grows by these steps, each once the reader waits for more. */
async function grown(
  image: Uint8Array,
  step: number,
  use: (source: GrowingSource) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ip2process-test-'));
  const fd = openSync(join(folder, 'image'), 'w+');
  try {
    ftruncateSync(fd, image.length);
    let available = 0;
    await use({
      ...fileSource(fd, image.length),
      get available() {
        return available;
      },
      async whenAvailable(end) {
        while (available < Math.min(end, image.length)) {
          await wait(1);
          const part = image.subarray(available, available + step);
          writeSync(fd, part, 0, part.length, available);
          available += part.length;
        }
      },
      complete: Promise.resolve({ bytes: image.length, sha256: null }),
    });
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

async function compared(image: Uint8Array, step: number): Promise<ArrivingScan | null> {
  let early: ArrivingScan | null = null;
  await grown(image, step, async (source) => {
    early = await scanArriving(source, patterns, indicators, { anchors, portionBytes: MIB });
    const { memory } = memoryOf(source);
    const options = { anchors, threads: 1 };
    const whole = await scan({ source, memory }, patterns, indicators, options);
    const continued = await scan({ source, memory }, patterns, indicators, options, early);
    expect(whole.hits.length).toBeGreaterThan(20);
    expect(told(continued)).toEqual(told(whole));
  });
  return early;
}

describe('an image scanned while it arrives gives what it gives when it is scanned whole', () => {
  const low = stretches.slice(0, 2);
  test.each<[string, Uint8Array, number]>([
    ['raw', rawImage(low), 2 * MIB],
    ['raw, cut inside a text', rawImage(low), MIB + 256 * 1024 - 3],
    ['LiME', limeImage(stretches), 2 * MIB + 77],
    ['ELF core', elfImage(stretches), 3 * MIB],
    ['AVML', avmlImage(stretches.map(unpackable), 2 ** 20), 1.5 * MIB],
  ])('%s', async (_, image, step) => {
    const early = await compared(image, step);
    expect(early?.bytes).toBeGreaterThan(image.length / 3);
  });

  test('also where ranges come in no order: then it is scanned at the end', async () => {
    const early = await compared(limeImage(stretches.toReversed()), 2 * MIB);
    expect(early === null || early.bytes <= 4 * MIB).toBe(true);
  });
});

test('a file that is no image is refused before all of it is here', async () => {
  const pdf = new Uint8Array(20 * MIB);
  pdf.set(Buffer.from('%PDF-1.7'));
  await grown(pdf, MIB, async (source) => {
    await expect(scanArriving(source, patterns, indicators, { portionBytes: MIB })).rejects.toThrow(
      /PDF/,
    );
    expect(source.available).toBeLessThan(10 * MIB);
  });
});

test('a packed image only arrives', async () => {
  const packed = new Uint8Array(10 * MIB);
  packed.set([0x1f, 0x8b, 8, 0]);
  await grown(packed, MIB, async (source) => {
    expect(await scanArriving(source, patterns, indicators, { portionBytes: MIB })).toBeNull();
    expect(source.available).toBe(packed.length);
  });
});

const run = (start: number, length: number, fileOffset: number | null): MemoryRun => ({
  start: physical(start),
  length,
  fileOffset,
});

describe('memory continues', () => {
  test.each<[string, MemoryRun[], MemoryRun[], boolean]>([
    ['from nothing', [], [run(0, 5, 0)], true],
    ['longer at its end', [run(0, 5, 0)], [run(0, 9, 0)], true],
    ['with one more above', [run(0, 5, 0)], [run(0, 5, 0), run(7, 1, 5)], true],
    ['not when a lower one comes', [run(8, 5, 0)], [run(0, 5, 5), run(8, 5, 0)], false],
    [
      'not when one in the middle grows',
      [run(0, 5, 0), run(9, 1, 5)],
      [run(0, 6, 0), run(9, 1, 5)],
      false,
    ],
    ['not when it lies elsewhere', [run(0, 5, 0)], [run(0, 9, 32)], false],
    ['not when it is less', [run(0, 5, 0)], [run(0, 4, 0)], false],
    ['not when it is gone', [run(0, 5, 0)], [], false],
  ])('%s', (_, before, after, expected) => expect(continues(before, after)).toBe(expected));
});

/** With bytes that do not pack, so that the file is as large as the memory. */
function unpackable({ start, bytes }: Stretch): Stretch {
  const noisy = Uint8Array.from(bytes);
  let noise = 1;
  for (let at = 0; at < noisy.length; at += 4096) {
    for (let word = at + 1024; word < at + 3072 && word < noisy.length; word += 1) {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
      noisy[word] = noisy[word] === 0 ? 1 + (noise >>> 25) : (noisy[word] ?? 0);
    }
  }
  return { start, bytes: noisy };
}
