import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { compress } from 'snappyjs';
import { maskedCrc32c } from '../../src/image/codec/crc32c.ts';
import { lzoBlock, zstdFrame } from './page-encoders.ts';

/** Memory that a test wants in an image. */
export interface Stretch {
  /** Physical address. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** What stands at offset 0: padding between, so that address = offset. */
export function rawImage(stretches: readonly Stretch[]): Uint8Array {
  const image = new Uint8Array(
    Math.max(0, ...stretches.map(({ start, bytes }) => start + bytes.length)),
  );
  for (const { start, bytes } of stretches) image.set(bytes, start);
  return image;
}

export const limeImage = (stretches: readonly Stretch[]): Uint8Array =>
  joined(
    stretches.flatMap(({ start, bytes }) => [
      rangeHeader(0x4c694d45, 1, start, bytes.length),
      bytes,
    ]),
  );

/** AVML version 2; blocks of at most `blockBytes`, each of Snappy chunks of 64 KiB. */
export function avmlImage(stretches: readonly Stretch[], blockBytes = 2 ** 24): Uint8Array {
  const blocks = stretches.flatMap(({ start, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / blockBytes) }, (_, index) => ({
      start: start + index * blockBytes,
      bytes: bytes.subarray(index * blockBytes, (index + 1) * blockBytes),
    })),
  );
  return joined(
    blocks.flatMap(({ start, bytes }) => {
      const frames = snappyFrames(bytes);
      return [rangeHeader(0x4c4d5641, 2, start, bytes.length), frames, u64s(frames.length)];
    }),
  );
}

function snappyFrames(text: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [Buffer.from('\xff\x06\0\0sNaPpY', 'latin1')];
  for (let at = 0; at < text.length; at += 65_536) {
    const part = text.subarray(at, at + 65_536);
    const packed = compress(Uint8Array.from(part));
    const isSmaller = packed.length < part.length;
    const body = isSmaller ? packed : part;
    chunks.push(u32s(((body.length + 4) << 8) | (isSmaller ? 0 : 1), maskedCrc32c(part)), body);
  }
  return joined(chunks);
}

export interface ElfFields {
  readonly type?: number;
  readonly machine?: number;
  readonly class?: number;
  readonly data?: number;
  readonly notes?: Uint8Array;
  /** The count in section header 0 instead of the header's 16 bits. */
  readonly countInSection?: boolean;
  /** Per segment: bytes of memory beyond those stored. */
  readonly unstored?: number;
}

/** ELF64 core with a PT_LOAD per stretch, and a PT_NOTE first where there are notes. */
export function elfImage(stretches: readonly Stretch[], fields: ElfFields = {}): Uint8Array {
  const notes = fields.notes ?? null;
  const count = stretches.length + (notes === null ? 0 : 1);
  let offset = 64 + 64 + count * 56;
  const headers: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  const add = (type: number, start: number, bytes: Uint8Array, unstored = 0): void => {
    headers.push(
      joined([u32s(type, 7), u64s(offset, 0, start, bytes.length, bytes.length + unstored, 0)]),
    );
    data.push(bytes);
    offset += bytes.length;
  };
  if (notes !== null) add(4, 0, notes);
  for (const { start, bytes } of stretches) add(1, start, bytes, fields.unstored);

  const header = new Uint8Array(64);
  const view = new DataView(header.buffer);
  header.set([0x7f, 0x45, 0x4c, 0x46, fields.class ?? 2, fields.data ?? 1, 1]);
  view.setUint16(0x10, fields.type ?? 4, true);
  view.setUint16(0x12, fields.machine ?? 62, true);
  view.setUint32(0x20, 128, true);
  view.setUint32(0x28, 64, true);
  view.setUint16(0x36, 56, true);
  view.setUint16(0x38, fields.countInSection === true ? 0xffff : count, true);
  const section = new Uint8Array(64);
  new DataView(section.buffer).setUint32(0x2c, count, true);
  return joined([header, section, ...headers, ...data]);
}

export function elfNote(name: string, text: Uint8Array, type = 0): Uint8Array {
  const nameBytes = Buffer.from(`${name}\0`);
  return joined([u32s(nameBytes.length, text.length, type), padded4(nameBytes), padded4(text)]);
}

export type PageCompression = 'none' | 'zlib' | 'lzo' | 'snappy' | 'zstd';

const FLAGS = { none: 0, zlib: 1, lzo: 2, snappy: 4, zstd: 0x20 };
const ENCODERS: Record<PageCompression, (page: Uint8Array) => Uint8Array> = {
  none: (page) => page,
  zlib: (page) => deflateSync(page, { level: 1 }),
  lzo: lzoBlock,
  snappy: (page) => compress(Uint8Array.from(page)),
  zstd: zstdFrame,
};

export interface KdumpFields {
  readonly compression?: PageCompression;
  readonly vmcoreinfo?: string;
  readonly version?: number;
  readonly split?: number;
  readonly machine?: string;
  readonly blockBytes?: number;
  readonly status?: number;
}

/** kdump-compressed file; stretches are whole pages at page addresses. Pages of zeros are stored once, first. */
export function kdumpImage(stretches: readonly Stretch[], fields: KdumpFields = {}): Uint8Array {
  const compression = fields.compression ?? 'zlib';
  const version = fields.version ?? 6;
  const pages = new Map<number, Uint8Array>();
  for (const { start, bytes } of stretches) {
    for (let at = 0; at < bytes.length; at += 4096) {
      pages.set((start + at) / 4096, bytes.subarray(at, at + 4096));
    }
  }
  const frames = [...pages.keys()].toSorted((a, b) => a - b);
  const frameCount = (frames.at(-1) ?? 0) + 1;
  const info = Buffer.from(fields.vmcoreinfo ?? '');
  const bitmapBlocks = Math.ceil(frameCount / 8 / 4096) * 2;
  const bitmap = new Uint8Array((bitmapBlocks / 2) * 4096);
  for (const frame of frames) {
    bitmap[Math.floor(frame / 8)] = (bitmap[Math.floor(frame / 8)] ?? 0) | (1 << (frame % 8));
  }

  const header = new Uint8Array(4096);
  const view = new DataView(header.buffer);
  header.set(Buffer.from('KDUMP   '));
  view.setInt32(8, version, true);
  header.set(Buffer.from(fields.machine ?? 'x86_64'), 12 + 4 * 65);
  for (const [index, value] of [
    fields.status ?? 1,
    fields.blockBytes ?? 4096,
    2,
    bitmapBlocks,
    frameCount,
  ].entries()) {
    view.setUint32(424 + index * 4, value, true);
  }
  const sub = new Uint8Array(8192);
  const subView = new DataView(sub.buffer);
  subView.setInt32(12, fields.split ?? 0, true);
  if (info.length > 0) {
    subView.setBigUint64(32, BigInt(4096 + 4096), true);
    subView.setBigUint64(40, BigInt(info.length), true);
    sub.set(info, 4096);
  }
  if (version >= 6) subView.setBigUint64(96, BigInt(frameCount), true);

  const encode = ENCODERS[compression];
  const zero = encode(new Uint8Array(4096));
  const dataStart = 3 * 4096 + bitmapBlocks * 4096 + frames.length * 24;
  const data: Uint8Array[] = [zero];
  const descriptors: Uint8Array[] = [];
  let offset = dataStart + zero.length;
  for (const frame of frames) {
    const page = pages.get(frame) ?? new Uint8Array(4096);
    if (page.every((byte) => byte === 0)) {
      descriptors.push(descriptor(dataStart, zero.length, FLAGS[compression]));
      continue;
    }
    const packed = encode(page);
    const isSmaller = packed.length < page.length;
    const stored = isSmaller ? packed : page;
    descriptors.push(descriptor(offset, stored.length, isSmaller ? FLAGS[compression] : 0));
    data.push(stored);
    offset += stored.length;
  }
  return joined([header, sub, bitmap, bitmap, ...descriptors, ...data]);
}

const descriptor = (offset: number, size: number, flags: number): Uint8Array =>
  joined([u64s(offset), u32s(size, flags), u64s(0)]);

/** A record of a makedumpfile stream: what is written where. */
export interface WriteRecord {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** makedumpfile's flattened form of the writes given. */
export function flattenedImage(records: readonly WriteRecord[], hasEnd = true): Uint8Array {
  const header = new Uint8Array(4096);
  header.set(Buffer.from('makedumpfile'));
  header.set(Buffer.from(big64s(1, 1)), 16);
  return joined([
    header,
    ...records.flatMap(({ offset, bytes }) => [big64s(offset, bytes.length), bytes]),
    ...(hasEnd ? [big64s(-1, -1)] : []),
  ]);
}

/** A file cut into records of `size` bytes, the odd ones first: streams do not ascend. */
export function recordsOf(file: Uint8Array, size: number): WriteRecord[] {
  const records = Array.from({ length: Math.ceil(file.length / size) }, (_, index) => ({
    offset: index * size,
    bytes: file.subarray(index * size, (index + 1) * size),
  }));
  return [...records.filter((_, at) => at % 2 === 1), ...records.filter((_, at) => at % 2 === 0)];
}

/** zip archive; an entry is deflated unless it says otherwise. */
export function zipArchive(
  entries: readonly { name: string; bytes: Uint8Array; method?: number; flags?: number }[],
): Uint8Array {
  let offset = 0;
  const locals: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  for (const { name, bytes, method = 8, flags = 0 } of entries) {
    const nameBytes = Buffer.from(name);
    const packed = method === 0 ? bytes : deflateRawSync(bytes);
    const common = joined([
      u16s(20, flags, method, 0, 0x21),
      u32s(crc32(bytes), packed.length, bytes.length),
      u16s(nameBytes.length, 0),
    ]);
    const local = joined([u32s(0x04034b50), common, nameBytes, packed]);
    central.push(
      joined([u32s(0x02014b50), u16s(20), common, u16s(0, 0, 0), u32s(0, offset), nameBytes]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = joined(central);
  return joined([
    ...locals,
    directory,
    u32s(0x06054b50),
    u16s(0, 0, entries.length, entries.length),
    u32s(directory.length, offset),
    u16s(0),
  ]);
}

const rangeHeader = (magic: number, version: number, start: number, length: number): Uint8Array =>
  joined([u32s(magic, version), u64s(start, start + length - 1, 0)]);

const padded4 = (bytes: Uint8Array): Uint8Array =>
  joined([bytes, new Uint8Array(-bytes.length & 3)]);

export const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(parts));

export const u16s = (...values: number[]): Uint8Array =>
  new Uint8Array(Uint16Array.from(values).buffer);
export const u32s = (...values: number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(values).buffer);
export const u64s = (...values: (number | bigint)[]): Uint8Array =>
  new Uint8Array(BigUint64Array.from(values, (value) => BigInt(value)).buffer);

export function big64s(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigInt64BE(BigInt(value), index * 8);
  return bytes;
}
