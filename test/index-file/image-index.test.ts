/** What can go wrong with a file beside an image: it costs the index, never the answer. */
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checksumOf } from '../../src/index-file/checksum.ts';
import { ImageIndex, indexPath } from '../../src/index-file/image-index.ts';
import { type IndexContents, isContents } from '../../src/index-file/index-contents.ts';
import { IndexFault, indexOf, preludeOf } from '../../src/index-file/index-file.ts';
import { openImage } from '../../src/image/open-image.ts';
import { parseIndicators } from '../../src/indicator/parse-indicator.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { scan } from '../../src/scan/scan.ts';

const IP = '35.178.122.152';
const TOOL = { version: '1', marks: 'none' };

let folder = '';
let image = '';
let indexFile = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-index-'));
  image = join(folder, 'memory.raw');
  indexFile = `${image}.ip2process-index`;
  writeFileSync(image, memory());
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

/** 4 MiB: noise, text with the address, zeros. */
function memory(): Buffer {
  const bytes = Buffer.alloc(4 * 2 ** 20);
  let state = 7;
  for (let at = 0; at < 2 ** 20; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  for (let at = 2 ** 20; at < 2 ** 21; at += 20_000) bytes.write(` see ${IP}; `, at);
  return bytes;
}

/** Changes the index's contents, with right checksums. */
function rewrite(change: (contents: IndexContents) => string): void {
  const bytes = readFileSync(indexFile);
  const at = Number(bytes.readBigUInt64LE(16));
  const contents: unknown = JSON.parse(bytes.toString('utf8', at));
  if (!isContents(contents)) throw new Error('it is no index');
  const json = change(contents);
  const padded = Buffer.from(json.padEnd(Math.ceil(json.length / 4) * 4));
  writeFileSync(indexFile, Buffer.concat([preludeOf(padded, at), bytes.subarray(64, at), padded]));
}

const DEEP = Symbol('brackets without end');

const indicators = parseIndicators([IP]);
const patterns = patternsOf(indicators);

/** Opens the index as a run does; what it says, and what a whole scan says. */
async function ask(tool = TOOL, request: { readonly folder: string | null } = { folder: null }) {
  const opened = await openImage(image);
  const index = new ImageIndex(opened, request, tool);
  try {
    const indexed = await index.scan(patterns, indicators, { threads: 1 });
    const whole = await scan(opened, patterns, indicators, { threads: 1 });
    if (indexed) expect(indexed.hits).toEqual(whole.hits);
    await index.keep(whole, null, null, { threads: 1 });
    return { isUsed: indexed !== null, warnings: index.warnings, hits: whole.hits.length };
  } finally {
    index.close();
    opened.close();
  }
}

test('the first question makes it, the second uses it', async () => {
  expect(await ask()).toMatchObject({ isUsed: false, warnings: [] });
  const { size } = statSync(indexFile);
  expect(await ask()).toEqual({ isUsed: true, warnings: [], hits: 53 });
  expect(statSync(indexFile).size).toBe(size);
  expect(size).toBeLessThan(2 ** 20);
});

test('nobody else may read what it says of the memory', async () => {
  await ask();
  expect(statSync(indexFile).mode & 0o777).toBe(0o600);
});

describe('an index of something else is made anew, with a sentence that says why', () => {
  test.each<[string, () => void, RegExp]>([
    ['another size', () => appendFileSync(image, Buffer.alloc(4096)), /another size/],
    ['written since', () => utimesSync(image, 1, 1), /was written since/],
    [
      'another file',
      () => {
        const { atime, mtime } = statSync(image);
        copyFileSync(image, `${image}.copy`);
        rmSync(image);
        writeFileSync(join(folder, 'takes the inode'), '');
        copyFileSync(`${image}.copy`, image);
        utimesSync(image, atime, mtime);
      },
      /was written since|of another file/,
    ],
  ])('%s', async (_, change, why) => {
    await ask();
    change();
    const { isUsed, warnings } = await ask();
    expect({ isUsed, warnings }).toEqual({ isUsed: false, warnings: [expect.stringMatching(why)] });
    expect(await ask()).toMatchObject({ isUsed: true, warnings: [] });
  });

  test('other bytes with the old time', async () => {
    utimesSync(image, 1000, 1000);
    await ask();
    const bytes = readFileSync(image);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (bytes[at] ?? 0) ^ 0x81;
    writeFileSync(image, bytes);
    utimesSync(image, 1000, 1000);
    expect(await ask()).toMatchObject({
      isUsed: false,
      warnings: [expect.stringContaining('other bytes')],
    });
  });

  test('another version of the program, or of what it collects', async () => {
    await ask();
    const why = expect.stringContaining('another version');
    expect(await ask({ ...TOOL, version: '2' })).toMatchObject({ isUsed: false, warnings: [why] });
    expect(await ask({ version: '2', marks: 'x' })).toMatchObject({
      isUsed: false,
      warnings: [why],
    });
  });
});

describe('a damaged index', () => {
  test.each([0, 1, 63, 64, 1000, 50_000, -1, -100])('cut off at %d bytes', async (at) => {
    await ask();
    const { size } = statSync(indexFile);
    truncateSync(indexFile, at < 0 ? size + at : at);
    const { isUsed, warnings } = await ask();
    expect({ isUsed, warnings }).toEqual({
      isUsed: false,
      warnings: [expect.stringMatching(/was not used: .*cut off.*; it is made anew$/)],
    });
    expect(await ask()).toMatchObject({ isUsed: true, warnings: [] });
  });

  test('a changed byte anywhere costs the index or nothing, never the answer', async () => {
    await ask();
    const good = readFileSync(indexFile);
    let refused = 0;
    for (let trial = 0; trial < 60; trial += 1) {
      const bad = Uint8Array.from(good);
      const at = Math.floor((trial / 60) * bad.length);
      bad[at] = (bad[at] ?? 0) ^ (1 << (trial % 8));
      writeFileSync(indexFile, bad);
      const { isUsed, warnings, hits } = await ask();
      expect(hits).toBe(53);
      expect(warnings).toHaveLength(isUsed ? 0 : 1);
      if (!isUsed) refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
  }, 120_000);

  test.each<[string, (contents: Record<string, unknown>) => unknown]>([
    ['groups beyond the file', (all) => ({ ...all, groups: [[0, 8192, 2 ** 50, 0]] })],
    ['a group of no class', (all) => ({ ...all, groups: [[9, 1, 64, 0]] })],
    ['a group of no page', (all) => ({ ...all, groups: [[0, 0, 64, 0]] })],
    ['edges beyond the file', (all) => ({ ...all, edges: [['head', 4, 2 ** 50, 0]] })],
    ['edges of neither side', (all) => ({ ...all, edges: [['side', 4, 64, 0]] })],
    [
      'edges of more pages than a section has',
      (all) => ({ ...all, edges: [['head', 2 ** 30, 64, 0]] }),
    ],
    ['edges where a group lies', (all) => ({ ...all, edges: [['tail', 1, 64, 0]] })],
    ['negative numbers', (all) => ({ ...all, pages: -1 })],
    ['pages without end', (all) => ({ ...all, odd: [[0, 2 ** 53 - 1]], groups: [] })],
    ['something more', (all) => ({ ...all, run: 'rm' })],
    ['a list', () => []],
    ['no JSON', () => null],
    ['depth', () => DEEP],
  ])('hostile contents with right checksums: %s', async (_, change) => {
    await ask();
    rewrite((contents) => {
      const changed = change({ ...contents });
      return changed === DEEP ? '['.repeat(100_000) : JSON.stringify(changed);
    });
    const start = performance.now();
    const { hits } = await ask();
    expect(hits).toBe(53);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test.each<[string, (contents: IndexContents) => Partial<IndexContents>]>([
    ['groups', ({ groups }) => ({ groups: Array.from({ length: 9 }, () => groups).flat() })],
    ['edges', ({ edges }) => ({ edges: Array.from({ length: 9 }, () => edges).flat() })],
    [
      'damaged places',
      () => ({
        odd: [
          [0, 9],
          [9, 10],
        ],
      }),
    ],
    ['damaged places beyond the image', ({ pages }) => ({ odd: [[0, pages]] })],
    ['damaged places that end before they begin', () => ({ odd: [[2, 1]] })],
  ])('pages that are told twice would be looked at twice: %s', async (_, change) => {
    await ask();
    rewrite((contents) => JSON.stringify({ ...contents, ...change(contents) }));
    const { isUsed, warnings } = await ask();
    expect({ isUsed, warnings }).toEqual({
      isUsed: false,
      warnings: [expect.stringContaining('it is damaged')],
    });
  });

  test('one that the system cannot read', async () => {
    await ask();
    const bytes = readFileSync(indexFile);
    const contents: unknown = JSON.parse(bytes.toString('utf8', Number(bytes.readBigUInt64LE(16))));
    if (!isContents(contents)) throw new Error('it is no index');
    // No disk fails when it is asked to, but what is open for writing only is not read either.
    const index = indexOf(openSync(indexFile, 'a'), contents);
    expect(() => index.read(0, new Uint8Array(4))).toThrow(
      new IndexFault('it cannot be read (EBADF)'),
    );
    index.close();
  });

  test.each([2 ** 40, 2 ** 63])('a hostile length of its contents: %d', async (length) => {
    await ask();
    const bytes = readFileSync(indexFile);
    bytes.writeBigUInt64LE(BigInt(length), 24);
    bytes.writeUInt32LE(checksumOf(bytes.subarray(12, 40)), 8);
    writeFileSync(indexFile, bytes);
    expect(await ask()).toMatchObject({ isUsed: false, hits: 53 });
  });

  test.each([
    ['a folder', () => mkdirSync(indexFile)],
    ['another file', () => writeFileSync(indexFile, 'x'.repeat(1000))],
  ])('%s in its place', async (_, put) => {
    put();
    const opened = await openImage(image);
    const index = new ImageIndex(opened, { folder: null }, TOOL);
    expect(index.isThere).toBe(false);
    expect(index.warnings).toEqual([expect.stringMatching(/was not used/)]);
    opened.close();
  });
});

test('two that write at the same time: both are right, the later one stays, nothing else', async () => {
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers.map(({ hits }) => hits)).toEqual([53, 53, 53]);
  expect(readdirSync(folder).toSorted()).toEqual(['memory.raw', 'memory.raw.ip2process-index']);
  expect(await ask()).toMatchObject({ isUsed: true, warnings: [] });
});

test('one that is stopped leaves nothing', async () => {
  const opened = await openImage(image);
  const index = new ImageIndex(opened, { folder: null }, TOOL);
  const facts = await scan(opened, [], [], { threads: 1 });
  const signal = AbortSignal.abort();
  await expect(index.keep(facts, null, null, { threads: 1, signal })).rejects.toMatchObject({
    kind: 'cancelled',
  });
  opened.close();
  expect(readdirSync(folder)).toEqual(['memory.raw']);
});

test('a folder that is not there: what to do', async () => {
  await expect(ask(TOOL, { folder: join(folder, 'none') })).rejects.toThrow(
    /Cannot write the index .*--index-folder names another folder/,
  );
});

test('in a folder for many, indexes of two images of one name are two', () => {
  const [one, other] = ['/a/memory.raw', '/b/memory.raw'].map((path) => indexPath(path, '/i'));
  expect(one).not.toBe(other);
  expect(one).toMatch(/^\/i\/memory\.raw\.[0-9a-f]{16}\.ip2process-index$/);
});

test('its hash: recorded, compared, and not there', async () => {
  const opened = await openImage(image);
  const facts = await scan(opened, [], [], { threads: 1 });
  const open = () => new ImageIndex(opened, { folder: null }, TOOL);
  const [right, wrong] = ['a'.repeat(64), 'b'.repeat(64)];
  await open().keep(facts, right, null, { threads: 1 });

  const same = open();
  same.verify(right);
  expect(same.isThere).toBe(true);
  const changed = open();
  changed.verify(wrong);
  expect(changed).toMatchObject({
    isThere: false,
    warnings: [expect.stringContaining('has another hash')],
  });

  await changed.keep(facts, null, null, { threads: 1 });
  const unknown = open();
  unknown.verify(right);
  expect(unknown.warnings).toEqual([expect.stringContaining('made without the image’s hash')]);
  opened.close();
});
