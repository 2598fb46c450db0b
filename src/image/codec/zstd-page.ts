import { decompress } from 'fzstd';
import { u64, viewOf } from '../fields.ts';

const MAGIC = 0xfd2fb528;

/** Decodes one zstd frame that must fill `into` exactly; false where it is malformed (`into` is then undefined). */
export function decodeZstdPage(frame: Uint8Array, into: Uint8Array): boolean {
  // The library allocates what the header claims, up to 2 GiB; a page's frame always states its size, so look first.
  if (statedSize(frame) !== into.length) return false;
  try {
    return decompress(frame, into).length === into.length;
  } catch {
    return false;
  }
}

/**
 * Frame content size of a single-segment frame (one shot, as pages are compressed), else -1.
 * Source: RFC 8878, 3.1.1.1 "Frame_Header".
 */
function statedSize(frame: Uint8Array): number {
  if (frame.length < 6) return -1;
  const view = viewOf(frame);
  if (view.getUint32(0, true) !== MAGIC) return -1;

  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (!isSingleSegment) return -1;
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const width = [1, 2, 4, 8][descriptor >>> 6] ?? 0;
  if (at + width > frame.length) return -1;
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at, true) + 256;
  return width === 4 ? view.getUint32(at, true) : u64(view, at);
}
