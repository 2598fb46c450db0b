import { inflateSync } from 'node:zlib';
import { PAGE_BYTES } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { decodeLzo } from './codec/lzo.ts';
import { decodeSnappy } from './codec/snappy.ts';
import { decodeZstdPage } from './codec/zstd-page.ts';
import { u64, viewOf } from './fields.ts';

/**
 * Pages of a kdump file. Descriptor: offset in the file u64 | stored bytes u32 | flags u32 | page flags u64 (not used here).
 *
 * Source: makedumpfile, diskdump_mod.h (page_desc_t, DUMP_DH_COMPRESSED_*).
 */
const DESCRIPTOR_BYTES = 24;
/** A page that compression made longer is stored plain; some slack for other writers. */
const MAX_STORED = 2 * PAGE_BYTES;
const DESCRIPTOR_WINDOW = 65_536;
const DATA_WINDOW = 262_144;

type Decode = (stored: Uint8Array, into: Uint8Array) => boolean;

/** What the flags of a descriptor say. Others (8: the page could not be written) make a hole. */
const DECODERS: Readonly<Record<number, Decode>> = {
  0x00: copy,
  0x01: inflate,
  0x02: decodeLzo,
  0x04: decodeSnappy,
  0x20: decodeZstdPage,
};

/**
 * @param descriptorOffset where the descriptors start in the file
 * @param pages how many there are
 * @returns reads one page by its place among the pages in the file; false where it is not there or damaged. `pagesAhead`: how
 *   many the caller wants from here on, to read the file in larger pieces
 */
export function kdumpPages(
  source: ByteSource,
  descriptorOffset: number,
  pages: number,
): (rank: number, into: Uint8Array, pagesAhead: number) => boolean {
  const descriptors = fileWindow(source, DESCRIPTOR_WINDOW);
  const data = fileWindow(source, DATA_WINDOW);
  // Both writers store the page of zeros once, before all others, and point to it again and again.
  const sharedOffset = descriptorOffset + pages * DESCRIPTOR_BYTES;
  let shared: Uint8Array | null = null;

  return (rank, into, pagesAhead) => {
    const offset = descriptorOffset + rank * DESCRIPTOR_BYTES;
    const bytes = descriptors(offset, DESCRIPTOR_BYTES, pagesAhead * DESCRIPTOR_BYTES);
    if (bytes === null) return false;
    const descriptor = viewOf(bytes);
    const dataOffset = u64(descriptor, 0);
    const size = descriptor.getUint32(8, true);
    const decode = DECODERS[descriptor.getUint32(12, true)];
    if (decode === undefined || dataOffset === 0 || size === 0 || size > MAX_STORED) return false;

    if (dataOffset === sharedOffset && shared !== null) {
      into.set(shared);
      return true;
    }
    const stored = data(dataOffset, size, pagesAhead * size);
    if (stored === null || !decode(stored, into)) return false;
    if (dataOffset === sharedOffset) shared = into.slice();
    return true;
  };
}

/**
 * Reads a file through one buffer: what it holds already costs no read.
 *
 * @returns the bytes, valid until the next call; null where the file ends before them
 */
function fileWindow(
  source: ByteSource,
  bytes: number,
): (offset: number, count: number, ahead: number) => Uint8Array | null {
  const buffer = new Uint8Array(bytes);
  let start = 0;
  let end = 0;
  return (offset, count, ahead) => {
    if (offset < start || offset + count > end) {
      if (offset + count > source.size) return null;
      const wanted = Math.min(bytes, Math.max(count, ahead));
      start = offset;
      end = offset + source.read(offset, buffer.subarray(0, wanted));
      if (offset + count > end) return null;
    }
    return buffer.subarray(offset - start, offset - start + count);
  };
}

function copy(stored: Uint8Array, into: Uint8Array): boolean {
  if (stored.length !== into.length) return false;
  into.set(stored);
  return true;
}

function inflate(stored: Uint8Array, into: Uint8Array): boolean {
  try {
    return copy(inflateSync(stored, { maxOutputLength: into.length }), into);
  } catch {
    return false;
  }
}
