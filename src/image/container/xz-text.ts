import { Readable } from 'node:stream';
import xzDecompress from 'xz-decompress';

/** The text of a compressed file. In a file of its own, since few images are packed and the decoder is large. */
export async function* xzText(file: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* new xzDecompress.XzReadableStream(Readable.toWeb(file));
  } catch (cause) {
    const code = /error code (\d+)/.exec(String(cause))?.[1] ?? '';
    throw new Error(FAULTS[code] ?? String(cause), { cause });
  }
}

/** XZ Embedded's codes (xz.h, enum xz_ret) in words. */
const FAULTS: Readonly<Record<string, string>> = {
  4: 'its dictionary is larger than the 64 MiB that are supported; unpack it with "xz -d" first',
  5: 'it is not in the xz format',
  6: 'it uses an option of the format that is not supported; unpack it with "xz -d" first',
  7: 'it is damaged',
  8: 'it is truncated or damaged, or has a second stream',
};
