import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { decodeZstdPage } from '../../../src/image/codec/zstd-page.ts';
import { zstdFrame } from '../../support/page-encoders.ts';
import { requires } from '../../support/requires.ts';

const page = Uint8Array.from({ length: 4096 }, (_, index) => (index * index) >> (index % 7));

test('a frame decodes to its page', () => {
  const into = new Uint8Array(4096);
  expect(decodeZstdPage(zstdFrame(page), into)).toBe(true);
  expect(Buffer.compare(into, page)).toBe(0);
});

requires('zstd', 'apt-get install zstd')('pages that zstd compressed decode', () => {
  for (const level of ['-1', '-5', '-19']) {
    const options = [level, '-c', `--stream-size=${page.length}`, '--no-check'];
    const into = new Uint8Array(4096);
    expect(decodeZstdPage(execFileSync('zstd', options, { input: page }), into)).toBe(true);
    expect(Buffer.compare(into, page)).toBe(0);
  }
});

test.each([
  ['nothing', []],
  ['no frame', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['a frame that claims a window of gigabytes', [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xb0, 0x01, 0, 0]],
  ['a frame of another size', [...zstdFrame(new Uint8Array(8192))]],
  ['a frame that is cut off', [...zstdFrame(page).subarray(0, 100)]],
])('%s is refused', (_, frame) => {
  expect(decodeZstdPage(Uint8Array.from(frame), new Uint8Array(4096))).toBe(false);
});
