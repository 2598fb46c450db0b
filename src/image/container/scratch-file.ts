import {
  closeSync,
  ftruncateSync,
  openSync,
  rmSync,
  statfsSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { CHECK_EVERY_BYTES, checkSpace, type Need } from './free-space.ts';
import { Ip2ProcessError } from '../../errors.ts';
import { settledFile, type ByteSource } from '../../memory/byte-source.ts';

/** More than any machine's memory that could be meant: 4 TiB. Holes in the file cost nothing, so free space alone does not bound it. */
export const MAX_UNPACKED_BYTES = 2 ** 42;

/**
 * A file to unpack into. It has no name from the start, so that nothing is left behind however the program ends; where
 * the system does not allow that (Windows), `close` of its source removes it.
 */
export interface ScratchFile {
  /** Throws `Ip2ProcessError` of kind 'system' where space runs out, of kind 'image' past the limit. */
  write(bytes: Uint8Array): void;
  /** What was written, as a file that closes (and goes) with its source. */
  toSource(): ByteSource;
  /** Gives it up. */
  discard(): void;
}

/**
 * @param folder where
 * @param expectedBytes how much will be written if it is known: refused now rather than after an hour
 * @param freeBytes free space of the folder; another one for tests
 */
export function scratchFile(
  folder: string,
  expectedBytes: number | null,
  freeBytes: () => number = () => freeBytesOf(folder),
): ScratchFile {
  checkSpace(needIn(folder), freeBytes(), expectedBytes ?? 0);
  const path = join(folder, `ip2process-${crypto.randomUUID()}.tmp`);
  const fd = openScratch(path);
  const isGone = removed(path);
  let size = 0;
  let checkAt = CHECK_EVERY_BYTES;

  const close = (): void => {
    closeSync(fd);
    if (!isGone) rmSync(path, { force: true });
  };
  return {
    write(bytes) {
      if (size + bytes.length > MAX_UNPACKED_BYTES) {
        throw new Ip2ProcessError(
          'image',
          `Cannot unpack the image: it has more than ${MAX_UNPACKED_BYTES} bytes, which no machine's memory has`,
        );
      }
      // Zeros become a hole of the file: much of a machine's memory is zero.
      if (!isZero(bytes)) writeAll(fd, bytes, size, folder);
      size += bytes.length;
      if (size < checkAt) return;
      checkSpace(needIn(folder), freeBytes(), 0);
      checkAt = size + CHECK_EVERY_BYTES;
    },
    toSource() {
      ftruncateSync(fd, size);
      return { ...settledFile(fd, size), close };
    },
    discard: close,
  };
}

function freeBytesOf(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

const needIn = (folder: string): Need => ({
  doing: 'unpack the image',
  folder,
  advice: 'name another folder for scratch files, or unpack the image yourself',
});

function openScratch(path: string): number {
  try {
    return openSync(path, 'wx+', 0o600);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function removed(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

function writeAll(fd: number, bytes: Uint8Array, offset: number, folder: string): void {
  try {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
    }
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

const ZEROS = new Uint8Array(2 ** 16);

/** Whether there is nothing but zeros. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (Buffer.compare(part, ZEROS.subarray(0, part.length)) !== 0) return false;
  }
  return true;
}

const unusable = (path: string, cause: unknown): Ip2ProcessError =>
  new Ip2ProcessError(
    'system',
    `Cannot unpack the image into "${path}": ${cause instanceof Error ? cause.message : String(cause)}`,
    { path },
    { cause },
  );
