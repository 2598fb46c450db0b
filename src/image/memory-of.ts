import { Ip2ProcessError } from '../errors.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { avml } from './avml.ts';
import { crashDump } from './crash-dump.ts';
import { elfCore } from './elf-core.ts';
import { foreignFile } from './foreign-files.ts';
import { HEAD_BYTES, type ImageFormat, type ImageMemory } from './image-format.ts';
import { kdumpFlattened } from './kdump-flattened.ts';
import { kdump } from './kdump.ts';
import { lime } from './lime.ts';
import { raw, RAW_MIN_BYTES } from './raw.ts';
import { vmwareSnapshot } from './vmware.ts';

/** Formats with a signature of their own. A file belongs to the first that recognises it. */
const FORMATS: readonly ImageFormat[] = [
  lime,
  avml,
  elfCore,
  kdump,
  kdumpFlattened,
  crashDump,
  vmwareSnapshot,
];

/**
 * The memory in an image that is not packed (see `openImage`). Synchronous, and the same for the same bytes: another thread that
 * has the same file open builds the same memory.
 *
 * Detected by content only: what has no signature is raw if nothing speaks against it.
 *
 * @throws Ip2ProcessError of kind 'image' that says what the file is and what to do instead
 */
export function memoryOf(source: ByteSource): ImageMemory {
  const head = headOf(source);
  const format = FORMATS.find((candidate) => candidate.recognise(head));
  if (format !== undefined) return format.open(source);

  const reason = rawDoubt(head, source.size);
  if (reason !== null) {
    throw new Ip2ProcessError('image', `Cannot use the file as a memory image: ${reason}`, {
      size: source.size,
    });
  }
  return raw.open(source);
}

/** Whether `memoryOf` would try to open a file with these first bytes and this size. */
export const isPlausibleImage = (head: Uint8Array, size: number): boolean =>
  FORMATS.some((format) => format.recognise(head)) || rawDoubt(head, size) === null;

/** Whether the file's first bytes are some format's own: then it is not raw. */
export const hasSignature = (head: Uint8Array): boolean =>
  FORMATS.some((format) => format.recognise(head));

export function headOf(source: ByteSource): Uint8Array {
  const head = new Uint8Array(Math.min(HEAD_BYTES, source.size));
  return head.subarray(0, source.read(0, head));
}

/** What speaks against a raw image; null where nothing does. */
function rawDoubt(head: Uint8Array, size: number): string | null {
  if (size === 0) return 'it is empty';
  const foreign = foreignFile(head);
  if (foreign !== null) return foreign;
  if (size >= RAW_MIN_BYTES) return null;
  return `it has ${size} bytes and no signature of an image format; a raw image has at least ${RAW_MIN_BYTES}`;
}
