import { expect, test } from '@jest/globals';
import { memoryOf } from '../../src/image/memory-of.ts';
import { physical } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import { avmlImage } from '../support/image-writers.ts';

const CHUNK = 65_536;
const text = Uint8Array.from({ length: 4 * CHUNK }, (_, index) => (index >> 6) ^ (index >> 13));
const image = (): Uint8Array => avmlImage([{ start: 0x10000, bytes: text }], 2 * CHUNK);

test('a damaged chunk is a hole; its neighbours are held', () => {
  const bytes = image();
  // Header 32, stream signature 10, chunk header 8: well into the first chunk.
  bytes[32 + 10 + 8 + 200] = 0xa5 ^ (bytes[32 + 10 + 8 + 200] ?? 0);
  const { memory, warnings } = memoryOf(bytesSource(bytes));
  const into = new Uint8Array(3 * CHUNK);
  expect(warnings).toEqual([]);
  expect(memory.read(physical(0x10000), into)).toBe(0);
  expect(memory.read(physical(0x10000 + CHUNK), into)).toBe(3 * CHUNK);
  expect(Buffer.compare(into, text.subarray(CHUNK))).toBe(0);
});

test('runs are compressed: they have no place in the file', () => {
  expect(memoryOf(bytesSource(image())).memory.runs).toEqual([
    { start: 0x10000, length: 4 * CHUNK, fileOffset: null },
  ]);
});

test.each([
  ['in a chunk', 0.9, 'the file ends inside a Snappy chunk'],
  ['in a header', 0.5, 'cannot be read to its end: fewer than 32 bytes are left'],
])('truncated %s: what came before is held', (_, share, reason) => {
  const bytes = image();
  const middle = bytes.length / 2;
  const cut = share === 0.5 ? Math.round(middle) + 10 : Math.floor(bytes.length * share);
  const { memory, warnings } = memoryOf(bytesSource(bytes.subarray(0, cut)));
  expect(warnings).toEqual([expect.stringContaining(reason)]);
  const into = new Uint8Array(2 * CHUNK);
  expect(memory.read(physical(0x10000), into)).toBe(into.length);
  expect(Buffer.compare(into, text.subarray(0, into.length))).toBe(0);
});

test.each([
  ['a chunk of an unknown type', (bytes: Uint8Array) => (bytes[32 + 10] = 0x42), 'unknown type 66'],
  [
    'a chunk that claims too much',
    (bytes: Uint8Array) => bytes.set([0xff, 0xff, 0x7f], 32 + 10 + 8),
    'claims 2097151 bytes',
  ],
])('%s ends the reading with a warning', (_, damage, reason) => {
  const bytes = image();
  damage(bytes);
  const { memory, warnings } = memoryOf(bytesSource(bytes));
  expect(memory.runs).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining(reason)]);
});

test('a header of another version is refused', () => {
  const bytes = image();
  bytes[4] = 3;
  expect(() => memoryOf(bytesSource(bytes))).toThrow(
    'Cannot read an AVML header: version is 3, expected 2 at file offset 0',
  );
});
