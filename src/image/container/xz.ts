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

async function* textOf(file: Readable): AsyncGenerator<Uint8Array> {
  const { xzText } = await import('./xz-text.ts');
  yield* xzText(file);
}
