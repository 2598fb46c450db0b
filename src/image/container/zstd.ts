import type { ZSTDDecoder } from 'zstddec/stream';
import type { ByteSource } from '../../memory/byte-source.ts';
import { viewOf } from '../fields.ts';
import { pieces, type Container } from './container.ts';

const MAGIC = 0xfd2fb528;
/** RFC 8878, 3.1.2: 16 signatures of frames without content, which pzstd puts first. */
const SKIPPABLE = 0x184d2a5;

/** Zstandard (RFC 8878), one frame or several, with windows up to 128 MiB ("zstd --long=27"). */
export const zstd: Container = {
  name: 'zstd',
  recognise(head) {
    if (head.length < 4) return false;
    const magic = viewOf(head).getUint32(0, true);
    return magic === MAGIC || magic >>> 4 === SKIPPABLE;
  },
  async open(source) {
    // Loaded only now: most images are not packed.
    const stream = await import('zstddec/stream');
    const decoder = new stream.ZSTDDecoder();
    await decoder.init();
    return {
      statedBytes: null,
      warnings: [],
      unpack: (onProgress) => textOf(decoder, source, onProgress),
    };
  },
};

/** The decoder does not look at its own error codes and then gives empty pieces for ever: two in a row mean that. */
function* textOf(
  decoder: ZSTDDecoder,
  source: ByteSource,
  onProgress: (done: number) => void,
): Generator<Uint8Array> {
  let emptyPieces = 0;
  function* input(): Generator<Uint8Array> {
    for (const piece of pieces(source, onProgress)) {
      emptyPieces = 0;
      yield piece;
    }
  }
  for (const piece of decoder.decodeStreaming(input())) {
    emptyPieces = piece.length === 0 ? emptyPieces + 1 : 0;
    if (emptyPieces > MAX_EMPTY_PIECES) {
      throw new Error(
        'it is damaged, or needs a window of more than 128 MiB (then unpack it with "zstd -d --long=31" first)',
      );
    }
    if (piece.length > 0) yield piece;
  }
}

/** Between two reads of the file a sound stream gives none or one. */
const MAX_EMPTY_PIECES = 4;
