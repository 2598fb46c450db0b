import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECK_EVERY_BYTES, checkSpace, type Need } from '../image/container/free-space.ts';
import { isZero } from '../image/container/scratch-file.ts';
import { Ip2ProcessError } from '../errors.ts';

/** A file that a download is written to. Only its owner can read it. */
export interface LandingFile {
  readonly fd: number;
  /** @throws Ip2ProcessError of kind 'system' when space runs out */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** Makes it as long as it must be. */
  truncate(size: number): Promise<void>;
  /** Gives it its name for good; only where it was made with `isKept`. It may still be lost in a power cut: whoever uses it checks. */
  keepAs(path: string): Promise<void>;
  /** Closes it; unless it was kept, nothing of it remains. Safe to call twice. */
  close(): Promise<void>;
}

export interface LandingOptions {
  /** Bytes that will come, where known: refused now rather than after an hour. */
  readonly expectedBytes: number | null;
  /** It may be given a name later. Otherwise it has none from the start, so that nothing remains however the program ends. */
  readonly isKept?: boolean;
  /** Free space of the folder; another one for tests. */
  readonly freeBytes?: () => Promise<number>;
}

/** Ending of files that are not whole: a cache removes those that a killed program left. */
export const PART = '.part';

/** @throws Ip2ProcessError of kind 'system' where there is no room, or no permission */
export async function landingFile(folder: string, options: LandingOptions): Promise<LandingFile> {
  const { expectedBytes, isKept = false } = options;
  const freeBytes = options.freeBytes ?? (() => freeBytesOf(folder));
  checkSpace(needIn(folder), await freeBytes(), expectedBytes ?? 0);
  const path = join(folder, `ip2process-${randomUUID()}${PART}`);
  const file = await open(path, 'wx+', 0o600).catch((cause: unknown) => {
    throw unusable(folder, cause);
  });
  // Where the system cannot take the name of an open file (Windows), `close` does.
  let isNamed = isKept || !(await unlink(path).then(yes, no));
  let checkAt = CHECK_EVERY_BYTES;
  let closing: Promise<void> | null = null;

  return {
    fd: file.fd,
    async write(bytes, offset) {
      // Zeros become a hole of the file: much of a machine's memory is zero.
      if (!isZero(bytes)) await writeAll(file, bytes, offset, folder);
      if (offset + bytes.length < checkAt) return;
      checkAt = offset + bytes.length + CHECK_EVERY_BYTES;
      checkSpace(needIn(folder), await freeBytes(), 0);
    },
    async truncate(size) {
      await file.truncate(size).catch((cause: unknown) => {
        throw unusable(folder, cause);
      });
    },
    async keepAs(name) {
      await rename(path, name);
      isNamed = false;
    },
    close() {
      closing ??= gone();
      return closing;
    },
  };

  async function gone(): Promise<void> {
    try {
      await file.close();
    } finally {
      if (isNamed) await rm(path, { force: true });
    }
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder).catch((cause: unknown) => {
    throw unusable(folder, cause);
  });
  return bavail * bsize;
}

const needIn = (folder: string): Need => ({
  doing: 'fetch the image',
  folder,
  advice: 'make room, or name another scratch folder',
});

async function writeAll(
  file: FileHandle,
  bytes: Uint8Array,
  offset: number,
  folder: string,
): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

function unusable(folder: string, cause: unknown): Ip2ProcessError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  const reason =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'the disk is full; make room, or name another scratch folder'
      : String(code ?? cause);
  return new Ip2ProcessError(
    'system',
    `Cannot fetch the image into "${folder}": ${reason}`,
    { folder },
    { cause },
  );
}
