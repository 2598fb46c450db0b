import type { Entry, ZipFile } from 'yauzl';
import { Ip2ProcessError } from '../../errors.ts';
import { holdsText } from '../fields.ts';
import { HEAD_BYTES } from '../image-format.ts';
import type { Container } from './container.ts';

/** An archive of evidence has a few files; AFF4 has thousands, and is recognised by name before. */
const MAX_ENTRIES = 100_000;
/** Candidates that are looked into, largest first. */
const MAX_CANDIDATES = 16;
const NAMES_SHOWN = 8;
/** A name in an archive can have 65,535 characters. */
const NAME_LENGTH_SHOWN = 100;

/**
 * zip archive (PKWARE APPNOTE.TXT, with ZIP64), of which one file is the image: the largest that looks like one.
 *
 * @param isImage whether a file with these first bytes and this size may be an image or another container
 */
export const zip = (isImage: (head: Uint8Array, size: number) => boolean): Container => ({
  name: 'zip',
  recognise: (head) => holdsText(head, 0, 'PK\x03\x04'),

  async open(source) {
    if (source.fd === null) throw refusal('it must be a file');
    // Loaded only now: most images are not packed.
    // By `default`: of a CommonJS package, the built program has no names besides.
    const { default: yauzl } = await import('yauzl');
    const archive = await yauzl
      .fromFdPromise(source.fd, { lazyEntries: true, autoClose: false })
      .catch((cause: unknown) => {
        throw refusal(`it is damaged: ${reason(cause)}`);
      });
    const entries = await listEntries(archive);
    if (entries.some(({ fileName }) => fileName.endsWith('information.turtle'))) {
      throw refusal(
        'it is an AFF4 image, which is not supported; export it as raw ("aff4imager" or "linpmem --format raw")',
      );
    }
    const entry = await imageAmong(archive, entries, isImage);
    return {
      statedBytes: entry.uncompressedSize,
      warnings:
        entries.length === 1
          ? []
          : [
              `The zip archive has ${entries.length} files; ${shownName(entry)}, the largest that looks like a memory image, was used`,
            ],
      unpack: (onProgress) => textOf(archive, entry, onProgress),
    };
  },
});

/** Files with content, largest first. */
async function listEntries(archive: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.uncompressedSize > 0) entries.push(entry);
      if (entries.length > MAX_ENTRIES) throw new Error(`it has more than ${MAX_ENTRIES} files`);
    }
  } catch (cause) {
    throw refusal(`it is damaged: ${reason(cause)}`);
  }
  return entries.toSorted((a, b) => b.uncompressedSize - a.uncompressedSize);
}

async function imageAmong(
  archive: ZipFile,
  entries: readonly Entry[],
  isImage: (head: Uint8Array, size: number) => boolean,
): Promise<Entry> {
  const names = entries.slice(0, NAMES_SHOWN).map(shownName);
  const rest = entries.length > NAMES_SHOWN ? ` and ${entries.length - NAMES_SHOWN} more` : '';
  const first = entries[0];
  if (first === undefined) throw refusal('there is no file in it');
  if (first.isEncrypted()) {
    throw refusal(`${shownName(first)} in it is encrypted; unpack it and give the image inside`);
  }
  if (!first.canDecodeFileData()) {
    throw refusal(
      `${shownName(first)} in it is packed with method ${first.compressionMethod}, expected 0 (stored) or 8 (deflate); unpack it and give the image inside`,
    );
  }
  for (const entry of entries.slice(0, MAX_CANDIDATES)) {
    if (!entry.canDecodeFileData()) continue;
    if (isImage(await headOf(archive, entry), entry.uncompressedSize)) return entry;
  }
  throw refusal(
    `none of the files in it is a memory image that can be read: ${names.join(', ')}${rest}`,
  );
}

async function headOf(archive: ZipFile, entry: Entry): Promise<Uint8Array> {
  const head: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of textOf(archive, entry, () => undefined)) {
      head.push(piece);
      bytes += piece.length;
      if (bytes >= HEAD_BYTES) break;
    }
  } catch {
    // A damaged entry may still be long enough to be told.
  }
  return Buffer.concat(head).subarray(0, HEAD_BYTES);
}

async function* textOf(
  archive: ZipFile,
  entry: Entry,
  onProgress: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  const text = await archive.openReadStreamPromise(entry);
  let bytes = 0;
  for await (const piece of text) {
    if (!(piece instanceof Uint8Array)) continue;
    bytes += piece.length;
    // The reader does not tell where it stands: the share of the text stands for it.
    onProgress(Math.floor((bytes / entry.uncompressedSize) * entry.compressedSize));
    yield piece;
  }
}

/** Its name in quotes, fit for a sentence: whoever made the archive chose it. */
function shownName({ fileName }: Entry): string {
  const isLong = fileName.length > NAME_LENGTH_SHOWN;
  const name = fileName.slice(0, NAME_LENGTH_SHOWN).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return `"${name}${isLong ? '…' : ''}"`;
}

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
const refusal = (why: string): Ip2ProcessError =>
  new Ip2ProcessError('image', `Cannot use the zip archive as a memory image: ${why}`);
