import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rearranged } from '../../src/image/flattened-records.ts';
import { memoryOf } from '../../src/image/memory-of.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import { big64s, flattenedImage, joined, kdumpImage, recordsOf } from '../support/image-writers.ts';

test('the file is what writing the records one after another would give', () => {
  const records = fc.array(
    fc.record({ offset: fc.nat(400), bytes: fc.uint8Array({ maxLength: 90 }) }),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(records, fc.nat(500), fc.nat(200), (writes, at, count) => {
      const size = Math.max(
        0,
        ...writes
          .filter(({ bytes }) => bytes.length > 0)
          .map(({ offset, bytes }) => offset + bytes.length),
      );
      const file = new Uint8Array(size);
      for (const { offset, bytes } of writes) if (bytes.length > 0) file.set(bytes, offset);

      const { file: view } = rearranged(bytesSource(flattenedImage(writes)));
      const into = new Uint8Array(count).fill(0xee);
      expect(view.size).toBe(size);
      expect(view.read(at, into)).toBe(Math.max(0, Math.min(count, size - at)));
      expect([...into.subarray(0, Math.max(0, size - at))]).toEqual([
        ...file.subarray(at, at + count),
      ]);
    }),
    { numRuns: 300 },
  );
});

const dump = kdumpImage([{ start: 0, bytes: new Uint8Array(40 * 4096).fill(7) }]);

test('a stream without its end is read as far as it goes', () => {
  const whole = flattenedImage(recordsOf(dump, 512), false);
  expect(memoryOf(bytesSource(whole)).warnings).toEqual([
    expect.stringContaining('has no end mark'),
  ]);
  const cut = rearranged(bytesSource(whole.subarray(0, whole.length - 5)));
  expect(cut.warnings).toEqual([expect.stringContaining('claims 5 bytes more than the file has')]);
});

const stream = (...parts: Uint8Array[]): Uint8Array =>
  joined([flattenedImage([], false), ...parts]);

test.each([
  [
    'a record before the start',
    stream(big64s(-2, 10)),
    'a record claims 10 bytes at -2, at file offset 4096',
  ],
  ['a record of negative size', stream(big64s(0, -10)), 'a record claims -10 bytes at 0'],
  [
    'a record beyond every file',
    stream(big64s(2 ** 60, 10)),
    'a record claims 10 bytes at 1152921504606847',
  ],
  [
    'thousands of records over each other',
    flattenedImage(Array.from({ length: 9000 }, () => ({ offset: 0, bytes: new Uint8Array(2) }))),
    'more than 8192 records overlap',
  ],
  [
    'a stream of something else',
    flattenedImage([{ offset: 0, bytes: Buffer.from('hello') }]),
    'neither a kdump file nor an ELF core',
  ],
])('%s is refused', (_, bytes, reason) => {
  expect(() => memoryOf(bytesSource(bytes))).toThrow(reason);
});
