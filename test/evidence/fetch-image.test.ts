import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openCache, type ImageCache } from '../../src/evidence/cache.ts';
import type {
  AttachmentSource,
  FetchedImage,
  ImageCandidate,
} from '../../src/evidence/evidence.ts';
import { fetchImage, type FetchOptions } from '../../src/evidence/fetch-image.ts';

const MIB = 2 ** 20;
const image = new Uint8Array(3 * MIB + 5).map((_, index) => (index >> 12) * 7 + index);
image.fill(0, MIB, 2 * MIB);
const sha256 = createHash('sha256').update(image).digest('hex');

let base: string;
let scratch: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ip2process-fetch-'));
  scratch = join(base, 'scratch');
  mkdirSync(scratch);
});
afterEach(() => rmSync(base, { recursive: true }));

const candidate = (fields: Partial<ImageCandidate> = {}): ImageCandidate => ({
  name: 'WS-12.raw',
  host: null,
  bytes: image.length,
  sha256,
  observable: '~1',
  source: {
    kind: 'attachment',
    attachment: {
      id: '~1',
      name: '../../WS-12.raw',
      size: image.length,
      sha256,
      sha1: null,
      md5: null,
      holder: { kind: 'observable', id: '~1' },
    },
  },
  ...fields,
});

/** An attachment whose bytes come like this; counts how often it was asked for. */
function source(chunks: () => AsyncIterable<Uint8Array>, size: number | null = image.length) {
  let times = 0;
  const attachments: AttachmentSource = {
    download: () => {
      times += 1;
      return Promise.resolve({ size, chunks: chunks() });
    },
  };
  return { attachments, times: () => times };
}

async function* inPieces(bytes: Uint8Array, step = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) {
    await wait(0);
    yield bytes.subarray(at, at + step);
  }
}

const whole = () => source(() => inPieces(image));

const fetched = (
  from: { attachments: AttachmentSource },
  options: FetchOptions = {},
  fields: Partial<ImageCandidate> = {},
): Promise<FetchedImage> => fetchImage(candidate(fields), from, { scratch, ...options });

function bytesOf({ source: file }: FetchedImage): Buffer {
  const bytes = Buffer.alloc(file.size);
  return bytes.subarray(0, file.read(0, bytes));
}

/** What went wrong, whenever it did; the image is released. */
async function failureOf(fetching: Promise<FetchedImage>): Promise<string> {
  const got = await fetching.catch((error: unknown) => String(error));
  if (typeof got === 'string') return got;
  const failure = await got.source.complete.then(
    () => 'none',
    (error: unknown) => String(error),
  );
  await expect(got.source.whenAvailable(got.source.size)).rejects.toThrow();
  await got.release();
  return failure;
}

describe('a download', () => {
  test('gives every byte, and the hash', async () => {
    const got = await fetched(whole());
    expect(await got.source.complete).toEqual({ bytes: image.length, sha256 });
    expect(bytesOf(got).equals(image)).toBe(true);
    expect(got.source.available).toBe(image.length);
    await got.release();
    await got.release();
  });

  test('has no name in any folder, so a killed program leaves nothing', async () => {
    const got = await fetched(whole());
    expect(readdirSync(scratch)).toEqual([]);
    await got.source.complete;
    expect(readdirSync(scratch)).toEqual([]);
    await got.release();
  });

  test('can be read while it comes; the last byte counts only when the hash is right', async () => {
    const gate = new EventEmitter();
    const got = await fetched(
      source(async function* () {
        yield image.subarray(0, 2 * MIB);
        await once(gate, 'open');
        yield image.subarray(2 * MIB);
      }),
    );
    await got.source.whenAvailable(2 * MIB);
    const part = Buffer.alloc(2 * MIB);
    got.source.read(0, part);
    expect(part.equals(image.subarray(0, 2 * MIB))).toBe(true);
    let isLast = false;
    const last = got.source.whenAvailable(Infinity).then(() => (isLast = true));
    await wait(20);
    expect([isLast, got.source.available]).toEqual([false, 2 * MIB]);
    gate.emit('open');
    await last;
    expect(got.source.available).toBe(image.length);
    await got.release();
  });

  test('of 256 MiB is never in memory', async () => {
    const piece = image.subarray(0, MIB);
    const size = 256 * MIB;
    const from = source(async function* () {
      for (let sent = 0; sent < size; sent += MIB) yield piece.slice();
    }, size);
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    const got = await fetched(from, {}, { bytes: size, sha256: null });
    await got.source.complete;
    clearInterval(watch);
    expect(most - before).toBeLessThan(128 * MIB);
    await got.release();
  });

  test('of unknown size is there when all of it is', async () => {
    const got = await fetched(
      source(() => inPieces(image), null),
      {},
      { bytes: null, sha256: null },
    );
    expect([got.source.size, got.source.available]).toEqual([image.length, image.length]);
    expect(await got.source.complete).toEqual({ bytes: image.length, sha256 });
    await got.release();
  });
});

const full = (): Promise<number> => Promise.resolve(1000);

describe('a fault is told, and leaves nothing', () => {
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield image.subarray(0, MIB);
    throw new Error('the connection was cut');
  }
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield image.subarray(0, MIB);
  }
  async function* short(): AsyncGenerator<Uint8Array> {
    yield image.subarray(0, MIB);
  }
  const other = image.with(5, 99);
  let asked = 0;
  const soonFull = (): Promise<number> => Promise.resolve((asked += 1) % 2 === 1 ? 2 ** 40 : 1000);

  test.each<[string, ReturnType<typeof source>, FetchOptions, Partial<ImageCandidate>, RegExp]>([
    ['reset', source(cut), {}, {}, /the connection was cut/],
    [
      'another hash',
      source(() => inPieces(other)),
      {},
      {},
      /its SHA-256 is [0-9a-f]{64}, it should be [0-9a-f]{64}/,
    ],
    ['too short', source(short), {}, {}, /only 1048576 bytes came, there should be 3145733/],
    ['endless', source(endless), {}, {}, /more than 3145733 bytes came, there should be 3145733/],
    [
      'endless, size unknown',
      source(endless, null),
      { largestBytes: 5 * MIB },
      { bytes: null, sha256: null },
      /it has 6291456 bytes or more, at most 5242880 are allowed/,
    ],
    [
      'sizes that disagree',
      source(short, 7),
      {},
      {},
      /7 bytes would come, there should be 3145733/,
    ],
    [
      'too large',
      whole(),
      { largestBytes: MIB },
      {},
      /at most 1048576 are allowed; raise the limit/,
    ],
    [
      'no space before',
      whole(),
      { freeBytes: full },
      {},
      /1000 bytes are free there, 271581189 bytes are needed; make room/,
    ],
    [
      'no space on the way',
      source(endless, null),
      { freeBytes: soonFull },
      { bytes: null, sha256: null },
      /1000 bytes are free there, the image needs more/,
    ],
  ])('%s', async (_, from, options, fields, message) => {
    expect(await failureOf(fetched(from, options, fields))).toMatch(message);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('refused by its source', async () => {
    const gone: AttachmentSource = { download: () => Promise.reject(new Error('404: deleted')) };
    expect(await failureOf(fetched({ attachments: gone }))).toMatch(/404: deleted/);
  });

  test.each([
    [
      'a source that waits',
      async function* () {
        yield image.subarray(0, MIB);
        await wait(60_000, undefined, { ref: false });
      },
    ],
    ['one that never ends', endless],
  ])('stopped, with %s', async (_, chunks) => {
    const stop = new AbortController();
    const got = await fetched(
      source(chunks, 2 ** 30),
      { signal: stop.signal },
      { bytes: null, sha256: null },
    );
    await got.source.whenAvailable(MIB - 1);
    const waiting = expect(got.source.whenAvailable(2 ** 40)).rejects.toThrow(
      'Cannot finish fetching "WS-12.raw": it was stopped',
    );
    stop.abort();
    await waiting;
    await got.release();
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('released before it is complete', async () => {
    const got = await fetched(source(endless, 2 ** 30), {}, { bytes: null, sha256: null });
    await got.release();
    await expect(got.source.complete).rejects.toThrow('it was stopped');
  });

  const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
  (isRoot ? test : test.skip)(
    'a disk that is really full [needs root, for a small tmpfs]',
    async () => {
      const small = join(base, 'small');
      mkdirSync(small);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', small]);
      try {
        const options = { scratch: small, freeBytes: () => Promise.resolve(2 ** 40) };
        expect(await failureOf(fetched(whole(), options))).toMatch(
          /Cannot fetch the image into ".*small": the disk is full; make room/,
        );
        expect(readdirSync(small)).toEqual([]);
      } finally {
        execFileSync('umount', [small]);
      }
    },
  );
});

const inFolder = (fields: Partial<ImageCandidate> = {}) =>
  fetchImage(
    candidate({ source: { kind: 'folder', path: 'a.raw' }, ...fields }),
    { folder: base },
    { scratch },
  );

const failureFrom = (kind: ImageCandidate['source']) =>
  failureOf(fetchImage(candidate({ source: kind }), {}, { scratch }));

describe('the evidence folder', () => {
  beforeEach(() => writeFileSync(join(base, 'a.raw'), image));

  test('is read in place, and checked where a hash is stated', async () => {
    const got = await inFolder();
    expect(got.source.available).toBe(image.length);
    expect(await got.source.complete).toEqual({ bytes: image.length, sha256 });
    // Deleted meanwhile: it is open.
    unlinkSync(join(base, 'a.raw'));
    expect(bytesOf(got).equals(image)).toBe(true);
    await got.release();
  });

  test('without a stated hash nothing is read twice', async () => {
    const got = await inFolder({ sha256: null, bytes: null });
    expect(await got.source.complete).toEqual({ bytes: image.length, sha256: null });
    await got.release();
  });

  test('another file than the case says is refused', async () => {
    expect(await failureOf(inFolder({ bytes: 7 }))).toMatch(
      /it has 3145733 bytes, there should be 7/,
    );
    const got = await inFolder({ sha256: 'ab'.repeat(32) });
    await expect(got.source.complete).rejects.toThrow(/its SHA-256 is/);
    await got.release();
  });

  test('what is not configured is said', async () => {
    expect(await failureFrom({ kind: 'folder', path: 'a' })).toMatch(
      /there is no evidence folder in the settings/,
    );
    expect(await failureFrom({ kind: 'url', url: 'https://x/' })).toMatch(/no hosts are allowed/);
    expect(
      await failureFrom({ kind: 'velociraptor', client: 'C.1', flow: 'F.1', path: 'x' }),
    ).toMatch(/no Velociraptor server/);
  });
});

test('an upload of Velociraptor comes through its own source', async () => {
  const place = { kind: 'velociraptor', client: 'C.1', flow: 'F.1', path: 'm.raw' } as const;
  const got = await fetchImage(
    candidate({ source: place }),
    {
      uploads: {
        upload: (from) => {
          expect(from).toEqual(place);
          return Promise.resolve({ size: null, chunks: inPieces(image) });
        },
      },
    },
    { scratch },
  );
  expect(await got.source.complete).toEqual({ bytes: image.length, sha256 });
  await got.release();
});

const kept = (): string[] => readdirSync(join(base, 'cache')).toSorted();

describe('with a folder for images', () => {
  let cache: ImageCache;
  beforeEach(async () => {
    cache = await openCache(join(base, 'cache'), { largestBytes: 10 * MIB, staleMs: 1000 });
  });

  test('ten clicks at once download once', async () => {
    const from = whole();
    const clicks = Array.from({ length: 10 }, async () => {
      const got = await fetched(from, { cache });
      await got.source.complete;
      expect(bytesOf(got).equals(image)).toBe(true);
      await got.release();
    });
    await Promise.all(clicks);
    expect(from.times()).toBe(1);
    expect(kept()).toEqual([`${sha256}.image`]);
    expect(statSync(join(base, 'cache', `${sha256}.image`)).mode & 0o777).toBe(0o600);
  });

  test('what is kept under the name is not believed', async () => {
    const path = join(base, 'cache', `${sha256}.image`);
    writeFileSync(path, image.with(3, 1));
    const got = await fetched(whole(), { cache });
    await expect(got.source.complete).rejects.toThrow(/its SHA-256 is/);
    await got.release();
    expect(kept()).toEqual([]);

    writeFileSync(path, 'too short');
    const from = whole();
    const again = await fetched(from, { cache });
    expect(await again.source.complete).toEqual({ bytes: image.length, sha256 });
    expect([from.times(), again.notes]).toEqual([
      1,
      ['The kept copy of the image had another size: it was removed and fetched anew'],
    ]);
    await again.release();
  });

  test.each(['released', 'wrong'])('nothing is kept of one that was %s', async (how) => {
    const bytes = how === 'wrong' ? image.with(0, 9) : image;
    const got = await fetched(
      source(() => inPieces(bytes)),
      { cache },
    );
    if (how === 'wrong') await expect(got.source.complete).rejects.toThrow(/SHA-256/);
    await got.release();
    expect(kept()).toEqual([]);
  });

  test('one that is too large, or has no stated hash, is fetched all the same', async () => {
    const small = await openCache(join(base, 'cache'), { largestBytes: MIB });
    const big = await fetched(whole(), { cache: small });
    await big.source.complete;
    const unknown = await fetched(whole(), { cache }, { sha256: null });
    await unknown.source.complete;
    expect([big.notes, unknown.notes]).toEqual([
      ['The image was not kept for the next run: it is larger than the folder for images'],
      ['The image was not kept for the next run: the case does not state its SHA-256'],
    ]);
    await Promise.all([big.release(), unknown.release()]);
    expect(kept()).toEqual([]);
  });

  test('where it is full, the scratch folder takes over', async () => {
    let asked = 0;
    const freeBytes = (): Promise<number> => Promise.resolve((asked += 1) === 1 ? 5 : 2 ** 40);
    const got = await fetched(whole(), { cache, freeBytes });
    expect(await got.source.complete).toEqual({ bytes: image.length, sha256 });
    expect(got.notes[0]).toMatch(/^The image was not kept for the next run: .*5 bytes are free/);
    await got.release();
    expect(kept()).toEqual([]);
  });

  test('where nothing can be written to it, the scratch folder takes over', async () => {
    rmSync(join(base, 'cache'), { recursive: true });
    const got = await fetched(whole(), { cache });
    expect(await got.source.complete).toEqual({ bytes: image.length, sha256 });
    expect(got.notes[0]).toMatch(/^The image was not kept .*Cannot keep images in ".*": ENOENT/);
    await got.release();
  });

  test('without one, that is said', async () => {
    const got = await fetched(whole());
    expect(got.notes).toEqual([
      'No folder for images is configured: each run downloads its image anew',
    ]);
    await got.release();
  });
});
