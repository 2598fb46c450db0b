import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeLzo } from '../../../src/image/codec/lzo.ts';
import { lzoBlock } from '../../support/page-encoders.ts';
import { requires } from '../../support/requires.ts';

const page = fc
  .array(
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 })),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((parts) =>
    Uint8Array.from(
      parts.flatMap(([piece, times]) => Array.from({ length: times }, () => [...piece]).flat()),
    ),
  );

test('a block decodes to what was encoded', () => {
  fc.assert(
    fc.property(page, (text) => {
      const into = new Uint8Array(text.length);
      expect(decodeLzo(lzoBlock(text), into)).toBe(true);
      expect(Buffer.compare(into, text)).toBe(0);
    }),
  );
});

/** Each row by hand from the description of the stream: 'abcd' as first literals, then one form of match. */
const abcd = [21, 0x61, 0x62, 0x63, 0x64];
test.each([
  ['3 bytes at up to 2048 (01LDDDSS)', [...abcd, 0b01001100, 0, 17, 0, 0], 'abcdabc'],
  ['4 bytes (L = 1)', [...abcd, 0b01101100, 0, 17, 0, 0], 'abcdabcd'],
  ['8 bytes (1LLDDDSS)', [...abcd, 0b11101100, 0, 17, 0, 0], 'abcdabcdabcd'],
  ['literals after a match (SS = 2)', [...abcd, 0b01101110, 0, 0x79, 0x7a, 17, 0, 0], 'abcdabcdyz'],
  [
    '2 bytes after few literals (0000DDSS)',
    [...abcd, 0b01101101, 0, 0x79, 0, 0, 17, 0, 0],
    'abcdabcdyyy',
  ],
  ['5 bytes at up to 16384 (001LLLLL)', [...abcd, 35, 3 << 2, 0, 17, 0, 0], 'abcdabcda'],
  [
    'a long run of literals (0000LLLL)',
    [...abcd, 0b01101100, 0, 1, 0x77, 0x78, 0x79, 0x7a, 17, 0, 0],
    'abcdabcdwxyz',
  ],
])('a match of %s is understood', (_, block, text) => {
  const into = new Uint8Array(text.length);
  expect([decodeLzo(Uint8Array.from(block), into), Buffer.from(into).toString()]).toEqual([
    true,
    text,
  ]);
});

test('a damaged block is refused or decodes to something else, and always ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (block) => {
      const into = new Uint8Array(4096 + 64).fill(0xee);
      decodeLzo(block, into.subarray(0, 4096));
      expect(into.subarray(4096).every((byte) => byte === 0xee)).toBe(true);
    }),
  );
});

requires('lzop', 'apt-get install lzop')('blocks that lzop compressed decode', () => {
  const text = Buffer.alloc(600_000);
  for (let at = 0, state = 1; at < text.length; at += 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    text[at] = at % 5000 < 900 ? state >>> 24 : (at % 700) >> (state >>> 30);
  }
  for (const level of ['-1', '-9']) {
    expect(
      Buffer.compare(lzopText(execFileSync('lzop', [level, '-F'], { input: text })), text),
    ).toBe(0);
  }
});

/** lzop's file: magic, header of variable length, then {size, packed size, bytes} in big-endian until size 0. */
function lzopText(file: Buffer): Buffer {
  // magic 9, versions 6, method 1, level 1, flags 4, mode 4, time 8, then name length 1, name, checksum 4
  let at = 33;
  at += 1 + (file[at] ?? 0) + 4;
  // Flag 1: a checksum of the text stands before the block; -9 sets it whatever -F says.
  const checksum = (file.readUInt32BE(17) & 1) === 0 ? 0 : 4;
  const blocks: Uint8Array[] = [];
  for (;;) {
    const size = file.readUInt32BE(at);
    if (size === 0) return Buffer.concat(blocks);
    const packed = file.readUInt32BE(at + 4);
    at += checksum;
    const block = file.subarray(at + 8, at + 8 + packed);
    const into = new Uint8Array(size);
    expect(packed < size ? decodeLzo(block, into) : into.set(block)).not.toBe(false);
    blocks.push(into);
    at += 8 + packed;
  }
}
