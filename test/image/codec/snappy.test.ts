import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compress } from 'snappyjs';
import { maskedCrc32c } from '../../../src/image/codec/crc32c.ts';
import { decodeSnappy, snappyLength } from '../../../src/image/codec/snappy.ts';

const text = fc
  .array(
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 40 })),
    {
      maxLength: 20,
    },
  )
  .map((parts) =>
    Uint8Array.from(
      parts.flatMap(([piece, times]) => Array.from({ length: times }, () => [...piece]).flat()),
    ),
  );

test('a block decodes to what was encoded', () => {
  fc.assert(
    fc.property(text, (bytes) => {
      const block = compress(bytes);
      const into = new Uint8Array(bytes.length);
      expect(snappyLength(block)).toBe(bytes.length);
      expect(decodeSnappy(block, into)).toBe(true);
      expect(Buffer.compare(into, bytes)).toBe(0);
    }),
  );
});

test.each([
  ['nothing', [], 0],
  ['a length without end', [0xff, 0xff, 0xff, 0xff, 0xff], 4],
  ['a length other than asked', [5, 0x10, 1, 2, 3, 4, 5], 4],
  [
    'a literal of 4 GiB (it sent another decoder round for ever)',
    [4, 0xfc, 0xfa, 0xff, 0xff, 0xff],
    4,
  ],
  ['a literal past the end of the block', [4, 0x0c, 1, 2], 4],
  ['a literal past the end of the text', [2, 0x0c, 1, 2, 3, 4], 2],
  ['a copy from before the start', [8, 0x0c, 1, 2, 3, 4, 0x01, 5], 8],
  ['a copy from distance 0', [8, 0x0c, 1, 2, 3, 4, 0x01, 0], 8],
  ['a copy whose distance is cut off', [8, 0x0c, 1, 2, 3, 4, 0x02, 1], 8],
  ['too little text', [8, 0x0c, 1, 2, 3, 4], 8],
])('%s is refused', (_, block, length) => {
  expect(decodeSnappy(Uint8Array.from(block), new Uint8Array(length))).toBe(false);
});

test('any bytes end in an answer, and nothing is written past the text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (block) => {
      const into = new Uint8Array(4160).fill(0xee);
      decodeSnappy(Uint8Array.from([0x80, 0x20, ...block]), into.subarray(0, 4096));
      expect(into.subarray(4096).every((byte) => byte === 0xee)).toBe(true);
    }),
  );
});

/** RFC 3720, B.4, then masked by hand as framing_format.txt says. */
test.each([
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
])('the checksum of known bytes is known (%#)', (bytes, crc) => {
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  expect(maskedCrc32c(bytes)).toBe(masked);
});
