import { deflateRawSync } from 'node:zlib';

/**
 * A zip of one file with a password, as TheHive's zip4j writes it: deflated, traditional encryption, sizes behind the data.
 *
 * Source: PKWARE APPNOTE.TXT 4.3.7, 4.3.9, 6.1.
 */
export function zipWithPassword(name: string, content: Uint8Array, password: string): Buffer {
  const packed = deflateRawSync(content);
  const file = Buffer.from(name, 'utf8');
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(1 | 8, 6);
  header.writeUInt16LE(8, 8);
  header.writeUInt16LE(0xbeef, 10);
  header.writeUInt16LE(file.length, 26);
  const salt = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xbe]);
  const body = encrypted(Buffer.concat([salt, packed]), password);
  const after = Buffer.alloc(16);
  after.writeUInt32LE(0x08074b50, 0);
  after.writeUInt32LE(crcOf(content), 4);
  after.writeUInt32LE(body.length, 8);
  after.writeUInt32LE(content.length, 12);
  // The directory that follows is nothing that a reader of the stream sees.
  return Buffer.concat([header, file, body, after]);
}

function encrypted(plain: Uint8Array, password: string): Buffer {
  let [low, middle, high] = [0x12345678, 0x23456789, 0x34567890];
  const turn = (byte: number): void => {
    low = step(low, byte);
    middle = (Math.imul((middle + (low & 0xff)) >>> 0, 134775813) + 1) >>> 0;
    high = step(high, middle >>> 24);
  };
  for (const byte of Buffer.from(password)) turn(byte);
  return Buffer.from(
    Array.from(plain, (byte) => {
      const mask = (high | 2) & 0xffff;
      const secret = byte ^ ((Math.imul(mask, mask ^ 1) >>> 8) & 0xff);
      turn(byte);
      return secret;
    }),
  );
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let word = index;
  for (let bit = 0; bit < 8; bit += 1) word = word & 1 ? (word >>> 1) ^ 0xedb88320 : word >>> 1;
  return word >>> 0;
});
const step = (word: number, byte: number): number =>
  ((TABLE[(word ^ byte) & 0xff] ?? 0) ^ (word >>> 8)) >>> 0;

const crcOf = (content: Uint8Array): number => {
  let word = 0xffffffff;
  for (const byte of content) word = step(word, byte);
  return (word ^ 0xffffffff) >>> 0;
};
