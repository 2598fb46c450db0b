import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip, createInflate, inflateSync } from 'node:zlib';
import type { ByteSource } from '../../memory/byte-source.ts';
import { holdsText } from '../fields.ts';
import { HEAD_BYTES } from '../image-format.ts';
import { lime } from '../lime.ts';
import { pieces, type Container, type PackedImage } from './container.ts';

/** RFC 1952; several members one after another are one text. */
export const gzip: Container = {
  name: 'gzip',
  recognise: (head) => holdsText(head, 0, '\x1f\x8b\x08'),
  open: (source) => Promise.resolve(packed(source, createGunzip)),
};

/**
 * RFC 1950: what LiME writes with compress=1. Two bytes are a weak signature, so the text's beginning must be LiME's.
 */
export const zlib: Container = {
  name: 'zlib',
  recognise(head) {
    if (((head[0] ?? 0) & 0x0f) !== 8) return false;
    try {
      const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 4 * 2 ** 20 };
      return lime.recognise(inflateSync(head.subarray(0, HEAD_BYTES), options));
    } catch {
      return false;
    }
  },
  open: (source) => Promise.resolve(packed(source, createInflate)),
};

const packed = (
  source: ByteSource,
  decoder: (options: { chunkSize: number }) => NodeJS.ReadWriteStream & AsyncIterable<Buffer>,
): PackedImage => ({
  statedBytes: null,
  warnings: [],
  unpack(onProgress) {
    const text = decoder({ chunkSize: 2 ** 18 });
    // Errors reach whoever iterates over `text`; the callback keeps them from being thrown a second time.
    pipeline(Readable.from(pieces(source, onProgress)), text, () => undefined);
    return text;
  },
});
