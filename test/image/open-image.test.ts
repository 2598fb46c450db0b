import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openImage, type MemoryImage } from '../../src/image/open-image.ts';
import { memoryOf } from '../../src/image/memory-of.ts';
import { physical } from '../../src/memory/address.ts';
import { fileSource } from '../../src/memory/byte-source.ts';
import { joined, limeImage, zipArchive } from '../support/image-writers.ts';
import { requires } from '../support/requires.ts';

let folder: string;
let scratch: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-image-'));
  scratch = mkdtempSync(join(tmpdir(), 'scratch-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(scratch, { recursive: true });
});

const memory = Uint8Array.from({ length: 3 * 2 ** 20 }, (_, index) =>
  index % 8192 < 4096 ? 0 : Math.imul(index, 2654435761) >>> 25,
);
const lime = limeImage([{ start: 0x100000, bytes: memory }]);

let count = 0;
function saved(bytes: Uint8Array): string {
  count += 1;
  const path = join(folder, `file-${count}.txt`);
  writeFileSync(path, bytes);
  return path;
}
const open = (bytes: Uint8Array): Promise<MemoryImage> => openImage(saved(bytes), { scratch });

function expectMemory(image: MemoryImage): void {
  const into = new Uint8Array(memory.length);
  expect(image.format).toBe('LiME');
  expect(image.memory.read(physical(0x100000), into)).toBe(memory.length);
  expect(Buffer.compare(into, memory)).toBe(0);
}

const command = (program: string, ...options: string[]): Uint8Array =>
  execFileSync(program, options, { input: lime, maxBuffer: 2 ** 26 });

/** Empty: closed meanwhile. */
function readlinkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Those of the packed file and of what was unpacked. */
const openFiles = (): string[] =>
  readdirSync('/proc/self/fd')
    .map((fd) => readlinkOf(`/proc/self/fd/${fd}`))
    .filter((target) => target.startsWith(folder) || target.startsWith(scratch));

const zipped = (): Uint8Array => zipArchive([{ name: 'mem.lime', bytes: lime }]);

describe('an image in a container', () => {
  test.each([
    ['none', () => lime],
    ['gzip', () => gzipSync(lime)],
    ['gzip', () => joined([gzipSync(lime.subarray(0, 99_999)), gzipSync(lime.subarray(99_999))])],
    ['gzip', () => gzipSync(gzipSync(lime))],
    ['zlib', () => deflateSync(lime)],
    ['zip', zipped],
    ['zip', () => zipArchive([{ name: 'mem.lime', bytes: lime, method: 0 }])],
    ['zip', () => zipArchive([{ name: 'mem.gz', bytes: gzipSync(lime), method: 0 }])],
    ['gzip', () => gzipSync(zipped())],
  ])('%s is the same memory (%#)', async (container, pack) => {
    const bytes = pack();
    const image = await open(bytes);
    expect(image).toMatchObject({ container, file: { size: bytes.length }, warnings: [] });
    expectMemory(image);
    image.close();
  });

  requires('xz', 'apt-get install xz-utils')('xz is the same memory', async () => {
    const image = await open(command('xz', '-2', '-c'));
    expect(image).toMatchObject({ container: 'xz', warnings: [] });
    expectMemory(image);
    image.close();
  });

  requires('zstd', 'apt-get install zstd')(
    'zstd is the same memory, with windows of 128 MiB too',
    async () => {
      for (const options of [['-1'], ['-3', '--long=27'], ['-19']]) {
        const image = await open(command('zstd', '-c', ...options));
        expect(image).toMatchObject({ container: 'zstd', warnings: [] });
        expectMemory(image);
        image.close();
      }
    },
  );

  test('leaves no file behind, and shares what it unpacked with other readers', async () => {
    const image = await open(gzipSync(lime));
    expect(readdirSync(scratch)).toEqual([]);
    // As another thread does: the same file, the same memory.
    const again = memoryOf(fileSource(image.source.fd ?? -1, image.source.size));
    expect(again.memory.runs).toEqual(image.memory.runs);
    image.close();
  });

  test('tells its progress in bytes of the packed file', async () => {
    const bytes = gzipSync(limeImage([{ start: 0, bytes: new Uint8Array(40 * 2 ** 20).fill(5) }]));
    const seen: number[] = [];
    const options = {
      scratch,
      onProgress: (done: number, total: number) => seen.push(done, total),
    };
    (await openImage(saved(bytes), options)).close();
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.slice(-2)).toEqual([bytes.length, bytes.length]);
  });

  test('stops when asked to', async () => {
    const stop = new AbortController();
    const bytes = gzipSync(new Uint8Array(64 * 2 ** 20).fill(5));
    const options = { scratch, signal: stop.signal, onProgress: () => stop.abort() };
    await expect(openImage(saved(bytes), options)).rejects.toMatchObject({ kind: 'cancelled' });
    expect(readdirSync(scratch)).toEqual([]);
  });
});

(process.platform === 'linux' ? describe : describe.skip)(
  'no file stays open (needs Linux)',
  () => {
    test.each([
      ['an image', () => lime, 1],
      ['a packed one', () => gzipSync(lime), 2],
      ['one packed twice', () => gzipSync(gzipSync(lime)), 2],
    ])('once %s is closed', async (_, pack, expected) => {
      const image = await open(pack());
      expect(openFiles()).toHaveLength(expected);
      image.close();
      expect(openFiles()).toEqual([]);
    });

    test.each([
      ['text', () => Buffer.from('no memory')],
      ['packed text', () => gzipSync('no memory')],
      ['an image packed three times', () => gzipSync(gzipSync(gzipSync(lime)))],
    ])('once %s is refused', async (_, pack) => {
      await expect(open(pack())).rejects.toMatchObject({ kind: 'image' });
      expect(openFiles()).toEqual([]);
    });
  },
);

const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.floor(bytes.length * 0.7));
const expectPart = async (bytes: Uint8Array): Promise<void> => {
  const image = await open(bytes);
  const into = new Uint8Array(2 ** 20);
  expect(image.warnings).toEqual([
    expect.stringContaining('could be unpacked only in part'),
    expect.stringContaining('The image is truncated'),
  ]);
  expect(image.memory.read(physical(0x100000), into)).toBe(2 ** 20);
  expect(Buffer.compare(into, memory.subarray(0, 2 ** 20))).toBe(0);
  image.close();
};

describe('a container that is truncated gives what came before:', () => {
  test('gzip', () => expectPart(half(gzipSync(lime))));
  requires('xz', 'apt-get install xz-utils')('xz', () =>
    expectPart(half(command('xz', '-0', '--block-size=262144', '-c'))),
  );
  requires('zstd', 'apt-get install zstd')('zstd', () =>
    expectPart(half(command('zstd', '-1', '-c'))),
  );
});

requires('zstd', 'apt-get install zstd')('a damaged zstd file ends, too', async () => {
  const bytes = Uint8Array.from(command('zstd', '-1', '-c'));
  bytes.fill(0xff, Math.floor(bytes.length * 0.8));
  const image = await open(bytes);
  expect(image.warnings[0]).toContain('could be unpacked only in part (it is damaged');
  image.close();
});

describe('a zip archive', () => {
  const note = { name: 'notes.txt', bytes: Buffer.from('hello '.repeat(500_000)) };

  test('of several files gives the largest that looks like an image, and says so', async () => {
    const bytes = zipArchive([
      note,
      { name: 'mem.lime', bytes: lime.subarray(0, 2 ** 20) },
      { name: 'b/mem.lime', bytes: lime.subarray(0, 2 ** 21) },
    ]);
    const image = await open(bytes);
    expect(image.warnings[0]).toBe(
      'The zip archive has 3 files; "b/mem.lime", the largest that looks like a memory image, was used',
    );
    image.close();
  });

  test.each([
    [
      'without an image lists what is in it',
      [note, { name: 'b.csv', bytes: Buffer.from('a,b') }],
      'none of the files in it is a memory image that can be read: "notes.txt", "b.csv"',
    ],
    [
      'of an AFF4 image is refused by name',
      [{ name: 'information.turtle', bytes: Buffer.from('@prefix') }],
      'it is an AFF4 image, which is not supported',
    ],
    [
      'with a password is refused by name',
      [{ name: 'mem.lime', bytes: lime, flags: 1 }],
      '"mem.lime" in it is encrypted; unpack it',
    ],
    [
      'with another compression is refused by name',
      [{ name: 'mem.lime', bytes: lime, method: 9 }],
      '"mem.lime" in it is packed with method 9, expected 0 (stored) or 8 (deflate)',
    ],
    [
      'of empty files is refused',
      [{ name: 'a', bytes: new Uint8Array(0) }],
      'there is no file in it',
    ],
  ])('%s', async (_, entries, reason) => {
    await expect(open(zipArchive(entries))).rejects.toThrow(
      `Cannot use the zip archive as a memory image: ${reason}`,
    );
  });

  test('that is cut off is refused', async () => {
    await expect(open(zipArchive([note]).subarray(0, -30))).rejects.toThrow('it is damaged');
  });
});

describe('refused:', () => {
  test('three containers in each other', async () => {
    await expect(open(gzipSync(gzipSync(gzipSync(lime))))).rejects.toThrow(
      'it is packed more than twice (gzip in gzip in gzip); unpack it and give the image inside',
    );
  });

  test('a container whose content is no image, by what it holds', async () => {
    await expect(open(gzipSync(new Uint8Array(2 ** 20).fill(0x41)))).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringContaining('it is a text file'),
      place: { path: expect.stringContaining('file-') },
    });
  });

  test('a broken container with nothing in it', async () => {
    await expect(
      open(joined([gzipSync(lime).subarray(0, 20), new Uint8Array(99)])),
    ).rejects.toThrow('Cannot unpack the gzip file: ');
  });

  test('a directory, a device, a file that is not there', async () => {
    await expect(openImage(folder)).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringContaining('it is a directory'),
    });
    await expect(openImage('/dev/null')).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringContaining('it is a device or pipe'),
    });
    await expect(openImage(join(folder, 'none'))).rejects.toMatchObject({
      kind: 'system',
      message: expect.stringContaining('ENOENT'),
    });
  });

  test('a folder for scratch files that is not there', async () => {
    const options = { scratch: join(scratch, 'none') };
    await expect(openImage(saved(gzipSync(lime)), options)).rejects.toMatchObject({
      kind: 'system',
    });
  });
});
