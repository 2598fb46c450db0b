import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MAX_UNPACKED_BYTES, scratchFile } from '../../../src/image/container/scratch-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scratch-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const GIB = 2 ** 30;
const plenty = (): number => 1000 * GIB;

test('what was written is read back, zeros included, and no name is left', () => {
  const file = scratchFile(folder, null, plenty);
  const parts = [new Uint8Array(70_000), new Uint8Array(100).fill(1), new Uint8Array(70_000)];
  for (const part of parts) file.write(part);
  const source = file.toSource();
  const into = new Uint8Array(200_000);
  expect(source.size).toBe(140_100);
  expect(source.read(0, into)).toBe(140_100);
  expect(into.findIndex((byte) => byte === 1)).toBe(70_000);
  expect(into.findLastIndex((byte) => byte === 1)).toBe(70_099);
  expect(readdirSync(folder)).toEqual([]);
  source.close();
});

test('an image that does not fit is refused before it is unpacked', () => {
  expect(() => scratchFile(folder, 10 * GIB, () => 8 * GIB)).toThrow(
    expect.objectContaining({
      kind: 'system',
      message: `Cannot unpack the image into "${folder}": 8589934592 bytes are free there, 11005853696 bytes are needed; name another folder for scratch files, or unpack the image yourself`,
    }),
  );
});

test('space that runs out on the way ends the unpacking', () => {
  let free = GIB;
  const file = scratchFile(folder, null, () => free);
  const piece = new Uint8Array(32 * 2 ** 20);
  file.write(piece);
  free = 100 * 2 ** 20;
  expect(() => file.write(piece)).toThrow('104857600 bytes are free there, the image needs more');
  file.discard();
});

test('what is larger than any memory is refused, however little space its zeros take', () => {
  const file = scratchFile(folder, null, plenty);
  const zeros = new Uint8Array(1);
  Object.defineProperty(zeros, 'length', { value: MAX_UNPACKED_BYTES + 1 });
  expect(() => file.write(zeros)).toThrow("which no machine's memory has");
  file.discard();
});
