import { Readable } from 'node:stream';
import { holdsText } from '../fields.ts';
import { pieces, type Container } from './container.ts';

/**
 * .xz, the file format of XZ Utils (The .xz File Format 1.2.1). The decoder takes dictionaries up to 64 MiB (what "xz -9" uses) and
 * one stream.
 */
export const xz: Container = {
  name: 'xz',
  recognise: (head) => holdsText(head, 0, '\xfd7zXZ\0'),
  open: (source) =>
    Promise.resolve({
      statedBytes: null,
      warnings: [],
      unpack: (onProgress) => textOf(Readable.from(pieces(source, onProgress))),
    }),
};

/** XZ Embedded's codes (xz.h, enum xz_ret) in words. */
const FAULTS: Readonly<Record<string, string>> = {
  4: 'its dictionary is larger than the 64 MiB that are supported; unpack it with "xz -d" first',
  5: 'it is not in the xz format',
  6: 'it uses an option of the format that is not supported; unpack it with "xz -d" first',
  7: 'it is damaged',
  8: 'it is truncated or damaged, or has a second stream',
};

async function* textOf(file: Readable): AsyncGenerator<Uint8Array> {
  // Loaded only now: most images are not packed.
  const { default: xzDecompress } = await import('xz-decompress');
  try {
    yield* new xzDecompress.XzReadableStream(Readable.toWeb(file));
  } catch (cause) {
    const code = /error code (\d+)/.exec(String(cause))?.[1] ?? '';
    throw new Error(FAULTS[code] ?? String(cause), { cause });
  }
}
