import type { ByteSource } from '../memory/byte-source.ts';
import { lastStart } from './last-start.ts';
import { crc32cTables, maskedCrc32c } from './codec/crc32c.ts';
import { decodeSnappy, snappyLength } from './codec/snappy.ts';
import { viewOf } from './fields.ts';

/**
 * Chunks of Snappy's framing format: type u8 | length u24 | body. Type 0xff is the stream's signature, 0 a compressed chunk
 * (masked CRC-32C of the text, then a raw block), 1 an uncompressed one (the same CRC, then text), 0x80 to 0xfe may be
 * skipped, the rest must not.
 *
 * Source: google/snappy, framing_format.txt.
 */
const COMPRESSED = 0;
const UNCOMPRESSED = 1;
const CHUNK_HEADER_BYTES = 4;
const CRC_BYTES = 4;
/** "the uncompressed data in a chunk must be no longer than 65536 bytes" */
const MAX_TEXT = 65_536;
/** A raw block may be a little longer than its text (snappy.cc, MaxCompressedLength). */
const MAX_BODY = CRC_BYTES + 32 + MAX_TEXT + Math.ceil(MAX_TEXT / 6);

/** 256 chunks of 64 KiB: 16 MiB. A page table costs a whole chunk to decode (0.3 ms), and walks come back to it. */
const CACHED_CHUNKS = 256;

/** Where the chunks lie, in order. 16 bytes per 64 KiB of memory. */
export interface ChunkTable {
  /** Of the chunk's header in the file. */
  readonly offsets: number[];
  /** Position of its first byte in the whole decoded text. */
  readonly starts: number[];
  decodedBytes: number;
}

/**
 * Adds the chunks that make up `textBytes` bytes of text to the table.
 *
 * @returns where the frames end, or where they stop making sense and why
 */
export function walkFrames(
  source: ByteSource,
  from: number,
  textBytes: number,
  table: ChunkTable,
): { end: number; fault: string | null } {
  const head = new Uint8Array(CHUNK_HEADER_BYTES + CRC_BYTES + 5);
  const goal = table.decodedBytes + textBytes;
  let offset = from;

  // Each step moves on by at least the 4 bytes of a header, so the file's size bounds the loop.
  while (table.decodedBytes < goal) {
    const read = source.read(offset, head);
    if (read < CHUNK_HEADER_BYTES) return { end: offset, fault: 'the file ends' };
    const type = head[0] ?? 0;
    const length = viewOf(head).getUint32(0, true) >>> 8;
    const next = offset + CHUNK_HEADER_BYTES + length;

    if (type === COMPRESSED || type === UNCOMPRESSED) {
      const text =
        type === COMPRESSED
          ? snappyLength(head.subarray(CHUNK_HEADER_BYTES + CRC_BYTES, read))
          : length - CRC_BYTES;
      if (text < 0 || text > MAX_TEXT || length > MAX_BODY || table.decodedBytes + text > goal) {
        return { end: offset, fault: `a Snappy chunk claims ${text} bytes of text` };
      }
      if (next > source.size) return { end: offset, fault: 'the file ends inside a Snappy chunk' };
      if (text > 0) {
        table.offsets.push(offset);
        table.starts.push(table.decodedBytes);
        table.decodedBytes += text;
      }
    } else if (type < 0x80) {
      return { end: offset, fault: `a Snappy chunk is of the unknown type ${type}` };
    }
    offset = next;
  }
  return { end: offset, fault: null };
}

/** Reads from the decoded text like `ByteSource.read`; stops short at a chunk that does not decode to its checksum. */
export function snappyChunks(
  source: ByteSource,
  table: ChunkTable,
): (offset: number, into: Uint8Array) => number {
  const starts = Float64Array.from(table.starts);
  const offsets = Float64Array.from(table.offsets);
  // A Map keeps its keys in the order of insertion: the first is the one not used for longest.
  const cache = new Map<number, Uint8Array<ArrayBuffer>>();
  const body = new Uint8Array(CHUNK_HEADER_BYTES + MAX_BODY);
  const tables = crc32cTables();

  return (offset, into) => {
    let filled = 0;
    for (let index = lastStart(starts, offset); filled < into.length; index += 1) {
      const start = starts[index];
      if (start === undefined) break;
      const skip = offset + filled - start;
      const text = chunk(index);
      if (skip >= text.length) break;
      const part = text.subarray(skip, skip + into.length - filled);
      into.set(part, filled);
      filled += part.length;
    }
    return filled;
  };

  function chunk(index: number): Uint8Array {
    const known = cache.get(index);
    if (known !== undefined) {
      cache.delete(index);
      cache.set(index, known);
      return known;
    }
    const length = (starts[index + 1] ?? table.decodedBytes) - (starts[index] ?? 0);
    // A slot is used again: decoding allocates nothing.
    const oldest = cache.size < CACHED_CHUNKS ? undefined : cache.entries().next().value;
    if (oldest !== undefined) cache.delete(oldest[0]);
    const slot = oldest === undefined ? new ArrayBuffer(MAX_TEXT) : oldest[1].buffer;
    const text = new Uint8Array(slot, 0, length);
    const result = decodeChunk(offsets[index] ?? 0, text) ? text : new Uint8Array(slot, 0, 0);
    cache.set(index, result);
    return result;
  }

  function decodeChunk(offset: number, text: Uint8Array): boolean {
    // One read for header and body: a second one costs more than the bytes that were not needed.
    const read = source.read(offset, body);
    if (read < CHUNK_HEADER_BYTES + CRC_BYTES) return false;
    const view = viewOf(body);
    const end = CHUNK_HEADER_BYTES + (view.getUint32(0, true) >>> 8);
    if (end > read) return false;
    const block = body.subarray(CHUNK_HEADER_BYTES + CRC_BYTES, end);

    if (body[0] === COMPRESSED) {
      if (!decodeSnappy(block, text)) return false;
    } else {
      if (block.length !== text.length) return false;
      text.set(block);
    }
    return maskedCrc32c(text, tables) === view.getUint32(CHUNK_HEADER_BYTES, true);
  }
}
