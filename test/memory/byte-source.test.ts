import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytesSource,
  type ByteSource,
  openFile,
  settledFile,
} from '../../src/memory/byte-source.ts';
import { tellsHoles } from '../support/holes.ts';

const CONTENT = Uint8Array.from({ length: 9000 }, (_, index) => index % 251);
const MEBI = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'ip2process-source-'));
const path = join(folder, 'file');
writeFileSync(path, CONTENT);
const file = openFile(path);
afterAll(() => {
  file.close();
  rmSync(folder, { recursive: true });
});

describe.each<[string, ByteSource]>([
  ['a file', file],
  ['bytes', bytesSource(CONTENT)],
])('%s', (_, source) => {
  test('gives what stands there, fewer than asked only at the end', () => {
    expect(source.size).toBe(CONTENT.length);
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.nat({ max: 3000 }), (offset, length) => {
        const into = new Uint8Array(length).fill(255);
        const count = source.read(offset, into);
        const expected = CONTENT.subarray(offset, offset + length);
        expect(count).toBe(expected.length);
        expect(Buffer.compare(into.subarray(0, count), expected)).toBe(0);
      }),
    );
  });
});

test('a closed file is closed', () => {
  const source = openFile(path);
  const fd = source.fd ?? -1;
  source.close();
  expect(() => closeSync(fd)).toThrow(/EBADF/);
  closeSync(openSync(path, 'r'));
});

const machine = tellsHoles(folder) ? describe : describe.skip;

machine('a hole of a file (needs Linux on x86-64 and a file system of the trusted ones)', () => {
  const fd = openSync(join(folder, 'sparse'), 'w+');
  ftruncateSync(fd, 4 * MEBI);
  writeSync(fd, CONTENT, 0, CONTENT.length, 2 * MEBI);
  afterAll(() => closeSync(fd));

  test.each<[string, number, number, boolean]>([
    ['the first bytes', 0, MEBI, true],
    ['all before the data', 0, 2 * MEBI, true],
    ['the hole and the first byte of data', 0, 2 * MEBI + 1, false],
    ['data', 2 * MEBI + 100, 10, false],
    ['the last bytes', 3 * MEBI, MEBI, true],
    ['more than there is', 3 * MEBI, MEBI + 1, false],
  ])('%s', (_, offset, length, expected) => {
    expect(settledFile(fd).isHole?.(offset, length)).toBe(expected);
  });

  test('is told in any order, as reading has it', () => {
    const source = settledFile(fd);
    fc.assert(
      fc.property(fc.nat(4 * MEBI), fc.nat(MEBI), (offset, length) => {
        if (!source.isHole?.(offset, length)) return;
        const into = new Uint8Array(length).fill(255);
        expect(source.read(offset, into)).toBe(length);
        expect(into.every((byte) => byte === 0)).toBe(true);
      }),
    );
  });

  test('is not looked for where the file system is not known', () => {
    const proc = openSync('/proc/self/maps', 'r');
    try {
      expect('isHole' in settledFile(proc, 4096)).toBe(false);
    } finally {
      closeSync(proc);
    }
  });

  test('a file without one is not asked for any', () => {
    expect('isHole' in file).toBe(false);
  });
});
