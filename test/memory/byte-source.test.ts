import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesSource, openFile, type ByteSource } from '../../src/memory/byte-source.ts';

const CONTENT = Uint8Array.from({ length: 9000 }, (_, index) => index % 251);
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
