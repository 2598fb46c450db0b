import { constants } from 'node:fs';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Ip2ProcessError } from '../errors.ts';
import { type LandingFile, PART } from './landing-file.ts';

/**
 * Images kept in a folder under their SHA-256, the longest unused given up first. Several processes may share it: a file
 * gets its name only when it is whole, and whoever has one open keeps it. A name proves nothing: whoever takes an image
 * from here checks its hash.
 */
export interface ImageCache {
  readonly folder: string;
  readonly largestBytes: number;
  /** The image, open; null where it is not here. */
  find(sha256: string): Promise<FileHandle | null>;
  /** Waits while another process fetches the same image; returns what ends the same for those who wait for us. */
  claim(sha256: string, signal: AbortSignal): Promise<() => Promise<void>>;
  /** Gives up so many images that this one has room. */
  makeRoom(bytes: number): Promise<void>;
  /** Takes over what was verified. */
  keep(file: LandingFile, sha256: string): Promise<void>;
  /** Of an image whose hash turned out wrong. */
  drop(sha256: string): Promise<void>;
}

export interface CacheOptions {
  /** Bytes of all images together. */
  readonly largestBytes: number;
  /** A claim whose owner gave no sign of life for so long is no claim any more. Default: a minute. */
  readonly staleMs?: number;
}

const IMAGE = '.image';
const CLAIM = '.claim';
const STALE_MS = 60_000;
const POLL_MS = 200;
/** A download that is alive writes more often. */
const PART_STALE_MS = 60 * 60_000;

/** @throws Ip2ProcessError of kind 'system' where the folder cannot be used */
export async function openCache(folder: string, options: CacheOptions): Promise<ImageCache> {
  const { largestBytes, staleMs = STALE_MS } = options;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!(await stat(folder)).isDirectory()) throw new Error('it is not a folder');
  } catch (cause) {
    throw unusable(folder, cause);
  }
  const placeOf = (sha256: string, ending: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError(`Not a SHA-256: ${sha256}`);
    return join(folder, `${sha256}${ending}`);
  };

  return {
    folder,
    largestBytes,

    async find(sha256) {
      const place = placeOf(sha256, IMAGE);
      const file = await open(place, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(
        () => null,
      );
      if (!file) return null;
      if (!(await file.stat()).isFile()) {
        await file.close();
        return null;
      }
      // Of use just now: the last to go. Where somebody else owns the file, it goes in its turn.
      const now = new Date();
      await utimes(place, now, now).catch(() => undefined);
      return file;
    },

    async claim(sha256, signal) {
      const place = placeOf(sha256, CLAIM);
      while (!(await made(place))) {
        const age = Date.now() - (await changedAt(place));
        if (age > staleMs) await rm(place, { force: true });
        else await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) {
          throw new Ip2ProcessError(
            'cancelled',
            'Cannot wait for the download of the same image: the run was stopped',
          );
        }
      }
      const alive = setInterval(() => {
        const now = new Date();
        utimes(place, now, now).catch(() => undefined);
      }, staleMs / 4);
      alive.unref();
      let isEnded = false;
      return async () => {
        // By now it may be somebody else's.
        if (isEnded) return;
        isEnded = true;
        clearInterval(alive);
        await rm(place, { force: true });
      };
    },

    async makeRoom(bytes) {
      const images = await filesOf(folder);
      let total = bytes;
      for (const { place, size, changed } of images.toSorted((a, b) => b.changed - a.changed)) {
        if (place.endsWith(PART)) {
          if (Date.now() - changed > PART_STALE_MS) await rm(place, { force: true });
          continue;
        }
        if (!place.endsWith(IMAGE)) continue;
        total += size;
        if (total > largestBytes) await rm(place, { force: true }).catch(() => undefined);
      }
    },

    async keep(file, sha256) {
      await file.keepAs(placeOf(sha256, IMAGE));
    },

    async drop(sha256) {
      await rm(placeOf(sha256, IMAGE), { force: true });
    },
  };

  async function made(place: string): Promise<boolean> {
    try {
      await writeFile(place, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return true;
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') return false;
      throw unusable(folder, cause);
    }
  }
}

/** Milliseconds since 1970; now, where the file has just gone. */
const changedAt = (place: string): Promise<number> =>
  lstat(place).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );

async function filesOf(
  folder: string,
): Promise<{ place: string; size: number; changed: number }[]> {
  const files = [];
  for (const name of await readdir(folder)) {
    const place = join(folder, name);
    const stats = await lstat(place).catch(() => null);
    if (stats?.isFile()) files.push({ place, size: stats.size, changed: stats.mtimeMs });
  }
  return files;
}

const codeOf = (cause: unknown): unknown =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;

const unusable = (folder: string, cause: unknown): Ip2ProcessError =>
  new Ip2ProcessError(
    'system',
    `Cannot keep images in "${folder}": ${String(codeOf(cause) ?? cause)}`,
    { folder },
    { cause },
  );
