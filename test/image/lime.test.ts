import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { memoryOf } from '../../src/image/memory-of.ts';
import { fileOffsetOf } from '../../src/image/stored-memory.ts';
import { physical } from '../../src/memory/address.ts';
import { bytesSource, openFile } from '../../src/memory/byte-source.ts';
import { joined, limeImage, u32s, u64s } from '../support/image-writers.ts';
import { fromRoot, requires } from '../support/requires.ts';

const page = (value: number, pages = 1): Uint8Array => new Uint8Array(4096 * pages).fill(value);
const open = (...parts: Uint8Array[]) => memoryOf(bytesSource(joined(parts)));
const header = (start: number | bigint, last: number | bigint, version = 1): Uint8Array =>
  joined([u32s(0x4c694d45, version), u64s(start, last, 0)]);

test('an address has its place in the file, and none in a hole', () => {
  const { memory } = open(
    limeImage([
      { start: 0x1000, bytes: page(1) },
      { start: 0x8000, bytes: page(2) },
    ]),
  );
  expect(fileOffsetOf(memory.runs, physical(0x1000))).toBe(32);
  expect(fileOffsetOf(memory.runs, physical(0x8fff))).toBe(32 + 4096 + 32 + 4095);
  expect(fileOffsetOf(memory.runs, physical(0x2000))).toBeNull();
  expect(fileOffsetOf(memory.runs, physical(0))).toBeNull();
});

describe('a LiME image that lies or is damaged', () => {
  test('truncated in a range: what is there is held, the rest is a hole', () => {
    const whole = limeImage([{ start: 0, bytes: page(1, 3) }]);
    const { memory, warnings } = open(whole.subarray(0, whole.length - 5000));
    expect(memory.runs).toEqual([{ start: 0, length: 3 * 4096 - 5000, fileOffset: 32 }]);
    expect(warnings).toEqual([expect.stringContaining('truncated: 5000 bytes')]);
  });

  test('something else behind the ranges: they are held, the rest is told', () => {
    const { memory, warnings } = open(limeImage([{ start: 0, bytes: page(1) }]), page(9));
    expect(memory.runs).toHaveLength(1);
    expect(warnings).toEqual([
      'The LiME image ends in something else: magic is 0x9090909, expected 0x4c694d45 at file offset 4128; 4096 bytes from there on were left out',
    ]);
  });

  test('overlapping ranges: the one that starts lower holds, the first of two that start together', () => {
    const { memory, warnings } = open(
      limeImage([
        { start: 0x1000, bytes: page(2, 2) },
        { start: 0, bytes: page(1, 2) },
        { start: 0x1000, bytes: page(3, 4) },
      ]),
    );
    const into = new Uint8Array(6 * 4096);
    expect(memory.read(physical(0), into)).toBe(5 * 4096);
    expect([0, 1, 2, 3, 4].map((index) => into[index * 4096])).toEqual([1, 1, 2, 3, 3]);
    expect(warnings).toEqual([expect.stringContaining('overlap in 12288 bytes')]);
  });

  test('a range beyond 52 bits is left out', () => {
    const { memory, warnings } = open(
      limeImage([{ start: 0, bytes: page(1) }]),
      header(2n ** 60n, 2n ** 60n + 4095n),
      page(2),
    );
    expect(memory.runs).toHaveLength(1);
    expect(warnings[0]).toContain('1 of 2 ranges lie beyond the 52 bits');
  });

  test.each([
    ['wraps around', header(0x2000, 0x1000), 'the range ends before it starts'],
    ['is of another version', header(0, 4095, 7), 'version is 7, expected 1'],
    ['is cut off', header(0, 4095).subarray(0, 20), 'fewer than 32 bytes are left'],
  ])('a first header that %s is refused', (_, bytes, reason) => {
    expect(() => open(bytes)).toThrow(`Cannot read a LiME header: ${reason} at file offset 0`);
  });

  test('very many headers end at a bound', () => {
    const one = header(0, 0);
    const many = new Uint8Array(70_000 * 33);
    for (let index = 0; index < 70_000; index += 1) many.set(one, index * 33);
    expect(open(many).warnings[0]).toContain('more than 65536 ranges');
  });
});

const FRAGMENT = '../shared/images/real-fragments/deb-x86_64-slice.lime';
requires(FRAGMENT, "the project's shared test images")(
  'a genuine LiME record reads as Volatility 3 reads it',
  () => {
    const source = openFile(fromRoot(FRAGMENT));
    const { format, memory, warnings } = memoryOf(source);
    const into = new Uint8Array(128);
    expect(format).toBe('LiME');
    expect(memory.runs).toEqual([{ start: 0x1000, length: 0x9f000, fileOffset: 32 }]);
    expect(warnings).toEqual([]);
    expect(memory.read(physical(0x1000), into)).toBe(128);
    expect(
      Buffer.compare(
        into,
        readFileSync(fromRoot(FRAGMENT.replace('.lime', '_0x1000_volatility3_out'))),
      ),
    ).toBe(0);
    source.close();
  },
);

const SPARSE = '../shared/images/windows-17763-sparse/phys.lime';
requires(SPARSE, "the project's shared test images")(
  'a sparse image of single pages has 933 of them',
  () => {
    const source = openFile(fromRoot(SPARSE));
    const { memory, warnings } = memoryOf(source);
    expect(memory.runs.reduce((sum, { length }) => sum + length, 0)).toBe(933 * 4096);
    expect(warnings).toEqual([]);
    source.close();
  },
);
