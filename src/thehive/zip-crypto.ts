import { pipeline, Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { Ip2ProcessError } from '../errors.ts';

/**
 * The one file of a zip that TheHive packs with a password, as it arrives: the directory at the end is not waited for.
 *
 * Source: PKWARE APPNOTE.TXT 4.3.7 (local file header), 4.5.3 (ZIP64), 6.1 (traditional encryption). That encryption keeps
 * virus scanners out, nothing more; yauzl leaves it to others, and zip.js wants the whole archive first.
 *
 * @param size bytes of the file, for an entry that is stored without saying so
 * @throws Ip2ProcessError kind 'image' for another zip than TheHive's, and a wrong password
 */
export async function* unlockZip(
  zip: AsyncIterable<Uint8Array>,
  password: string,
  size: number,
): AsyncGenerator<Uint8Array> {
  const source = reader(zip);
  const header = viewOf(await source.exactly(30));
  if (header.getUint32(0, true) !== 0x04034b50) throw refusal('it does not begin as one');
  const flags = header.getUint16(6, true);
  const method = header.getUint16(8, true);
  await source.exactly(header.getUint16(26, true));
  const extra = viewOf(await source.exactly(header.getUint16(28, true)));

  let bytes = source.rest();
  if (flags & ENCRYPTED) {
    const keys = new Keys(password);
    const salt = await source.exactly(SALT_BYTES);
    keys.decrypt(salt);
    const isStreamed = (flags & SIZES_FOLLOW) !== 0;
    const check = header.getUint8(isStreamed ? 11 : 17);
    if (salt[SALT_BYTES - 1] !== check) throw refusal('the password is another one');
    bytes = decrypted(bytes, keys);
  }
  if (method === DEFLATED) yield* inflated(bytes);
  else if (method === STORED) {
    const stated = flags & SIZES_FOLLOW ? size : storedSize(header, extra);
    yield* first(stated, bytes);
  } else throw refusal(`it is packed by method ${method}, expected stored or deflated`);
}

const ENCRYPTED = 1;
/** Sizes and CRC stand behind the data. */
const SIZES_FOLLOW = 8;
const STORED = 0;
const DEFLATED = 8;
const SALT_BYTES = 12;

function storedSize(header: DataView, extra: DataView): number {
  const size = header.getUint32(22, true);
  if (size !== 0xffff_ffff) return size;
  // Fields of {id u16, length u16, bytes}; id 1 begins with the uncompressed size as u64.
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) === 1 && at + 12 <= extra.byteLength) {
      return Number(extra.getBigUint64(at + 4, true));
    }
  }
  throw refusal('its file is larger than 4 GiB but its size is not there');
}

async function* inflated(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: 2 ** 18 });
  // Errors reach whoever iterates; the callback keeps them from being thrown a second time.
  pipeline(Readable.from(bytes, { objectMode: false }), inflate, () => undefined);
  for await (const chunk of inflate) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

async function* first(size: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = size;
  if (left === 0) return;
  for await (const chunk of bytes) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) return;
  }
}

async function* decrypted(
  bytes: AsyncIterable<Uint8Array>,
  keys: Keys,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    const own = Uint8Array.from(chunk);
    keys.decrypt(own);
    yield own;
  }
}

/** Three 32-bit words that every plain byte turns on. */
class Keys {
  #low = 0x1234_5678;
  #middle = 0x2345_6789;
  #high = 0x3456_7890;

  constructor(password: string) {
    for (const byte of Buffer.from(password, 'utf8')) this.#turn(byte);
  }

  /** In place. */
  decrypt(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) {
      const mask = (this.#high | 2) & 0xffff;
      const plain = (bytes[at] ?? 0) ^ ((Math.imul(mask, mask ^ 1) >>> 8) & 0xff);
      bytes[at] = plain;
      this.#turn(plain);
    }
  }

  #turn(byte: number): void {
    this.#low = crc(this.#low, byte);
    this.#middle = (Math.imul((this.#middle + (this.#low & 0xff)) | 0, 134_775_813) + 1) | 0;
    this.#high = crc(this.#high, this.#middle >>> 24);
  }
}

/** CRC-32, reflected, polynomial 0xedb88320. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, index) => {
  let word = index;
  for (let bit = 0; bit < 8; bit += 1) word = word & 1 ? (word >>> 1) ^ 0xedb8_8320 : word >>> 1;
  return word;
});

const crc = (word: number, byte: number): number =>
  (CRC_TABLE[(word ^ byte) & 0xff] ?? 0) ^ (word >>> 8);

/** Takes an exact number of bytes off a stream, then gives what is left. */
function reader(stream: AsyncIterable<Uint8Array>) {
  const iterator = stream[Symbol.asyncIterator]();
  let held = new Uint8Array(0);
  return {
    async exactly(count: number): Promise<Uint8Array> {
      while (held.length < count) {
        const next = await iterator.next();
        if (next.done) throw refusal('it ends within its header');
        held = Buffer.concat([held, next.value]);
      }
      const taken = Uint8Array.from(held.subarray(0, count));
      held = held.subarray(count);
      return taken;
    },
    async *rest(): AsyncGenerator<Uint8Array> {
      if (held.length > 0) yield held;
      for (;;) {
        const next = await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    },
  };
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const refusal = (reason: string): Ip2ProcessError =>
  new Ip2ProcessError('image', `Cannot unpack the zip that TheHive sent: ${reason}`);
