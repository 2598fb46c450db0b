import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { caseFiles } from '../../src/thehive/case-files.ts';
import type { CaseFiles, Connection, Download } from '../../src/thehive/thehive.ts';
import { webPage, type Fault } from '../support/thehive/faults.ts';
import {
  failureOf,
  sessionOf,
  sha256Of,
  someBytes,
  startHive,
  VERSIONS,
} from '../support/thehive/hive.ts';
import type { StandInOptions } from '../support/thehive/server.ts';

const SIZE = 600_000;
/** Long enough for a busy machine to answer, short enough to wait for. */
const SILENCE_MS = 1000;
const DOWNLOAD = /GET .*(datastore|download)/;

async function hiveWithImage(
  version: 4 | 5,
  options: Omit<StandInOptions, 'version'> = {},
  changes: Partial<Connection> = {},
  size = SIZE,
) {
  const started = await startHive(version, options);
  const { hive, store, aCase, writer } = started;
  const bytes = (from: number) => someBytes(size, from);
  const file = store.file('WS-12.raw', new Uint8Array(0), {
    size,
    sha256: sha256Of(bytes(0)),
    bytes,
  });
  const holder = store.addFile(aCase._id, file);
  aCase.attachments.push(file);
  const files = caseFiles(await sessionOf(hive, writer, { timeoutMs: SILENCE_MS, ...changes }));
  const [attachment] = (await files.observables(aCase._id)).flatMap((one) => one.attachment ?? []);
  if (!attachment) throw new Error('no attachment');
  return { ...started, file, files, attachment, holder };
}

async function hashed(download: Download) {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of download.chunks) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest('hex') };
}

const all = async (files: CaseFiles, ...args: Parameters<CaseFiles['download']>) =>
  hashed(await files.download(...args));

describe('download()', () => {
  test.each(VERSIONS)('TheHive %d: every byte, once', async (version) => {
    const { files, attachment, file } = await hiveWithImage(version);
    const download = await files.download(attachment);
    expect(download.size).toBe(SIZE);
    expect(await hashed(download)).toEqual({ size: SIZE, sha256: file.sha256 });
  });

  test('TheHive 5: a file of the case itself', async () => {
    const { files, aCase, file } = await hiveWithImage(5);
    const [attachment] = await files.attachments(aCase._id);
    if (!attachment) throw new Error('no attachment');
    expect(await all(files, attachment)).toEqual({ size: SIZE, sha256: file.sha256 });
    expect(await failureOf(files.download(attachment, { form: 'zip' }))).toMatchObject({
      kind: 'request',
    });
  });

  test.each(VERSIONS)('TheHive %d: as its zip with a password', async (version) => {
    const { files, attachment, file } = await hiveWithImage(
      version,
      { settings: { zipPassword: 'infected' } },
      {},
      300_000,
    );
    expect(await all(files, attachment, { form: 'zip', password: 'infected' })).toEqual({
      size: 300_000,
      sha256: file.sha256,
    });
    const wrong = failureOf(all(files, attachment, { form: 'zip' }));
    expect(await wrong).toMatchObject({
      message: expect.stringMatching(/the password is another one/),
    });
  });

  const broken: [string, Fault['what']][] = [
    ['cut', { kind: 'body', after: 200_000, ending: 'cut' }],
    ['ended early', { kind: 'body', after: 199_999, ending: 'end' }],
    ['silent', { kind: 'body', after: 170_000, ending: 'silence' }],
  ];
  test.each(
    VERSIONS.flatMap((version) =>
      [true, false].flatMap((hasRanges) =>
        broken.map(([name, what]) => [version, hasRanges, name, what] as const),
      ),
    ),
  )(
    'TheHive %d (ranges: %s): what was %s is mended, unseen by the reader',
    async (version, hasRanges, _name, what) => {
      const { hive, files, attachment, file } = await hiveWithImage(version, {
        settings: { hasRanges },
      });
      hive.faults.add({ when: DOWNLOAD, times: 2, what });
      expect(await all(files, attachment)).toEqual({ size: SIZE, sha256: file.sha256 });
      const asked = hive.requests.filter(({ path }) => /datastore|download/.test(path));
      expect(asked.map(({ status }) => status)).toEqual(
        version === 5 && hasRanges ? [200, 206, 206] : [200, 200, 200],
      );
    },
  );

  test.each(
    broken.map(
      ([name, what]) =>
        [
          name,
          what,
          name === 'silent' ? /no byte came for 1000 ms$/ : /cut after \d+ of 600000 bytes$/,
        ] as const,
    ),
  )('%s again and again: says how far it came', async (_name, what, message) => {
    const { hive, files, attachment } = await hiveWithImage(4, {}, { retries: 1 });
    hive.faults.add({ when: DOWNLOAD, what });
    const failure = await failureOf(all(files, attachment));
    expect(failure.message).toMatch(/^Cannot download "WS-12\.raw" in TheHive at /);
    expect(failure.message).toMatch(message);
    expect(failure).toMatchObject({ kind: 'system', place: { place: expect.any(Number) } });
  });

  test('deleted meanwhile', async () => {
    const { hive, store, files, attachment, holder } = await hiveWithImage(4);
    hive.faults.add(
      { when: DOWNLOAD, times: 1, what: { kind: 'body', after: 1000, ending: 'cut' } },
      {
        when: DOWNLOAD,
        after: 1,
        what: { kind: 'meanwhile', do: () => store.observables.delete(holder._id) },
      },
    );
    const failure = await failureOf(all(files, attachment));
    expect(failure).toMatchObject({ reason: 'missing' });
    expect(failure.message).toMatch(
      /^Cannot download "WS-12\.raw" .* it was deleted, never existed/,
    );
  });

  test.each([
    [webPage(200), 'not-thehive', /a web page and not the file/],
    [{ kind: 'status', status: 404 }, 'missing', /404/],
    [{ kind: 'status', status: 403 }, 'forbidden', /403/],
    [
      { kind: 'status', status: 200, headers: { 'Content-Encoding': 'gzip' } },
      'broken-transfer',
      /packs the bytes on the way \(gzip\)/,
    ],
    [
      { kind: 'status', status: 200, headers: { 'Content-Length': '5' }, body: '12345' },
      'broken-transfer',
      /5 bytes would come, but the case says 600000/,
    ],
  ] as const)('%j is said before the first byte', async (what, reason, message) => {
    const { hive, files, attachment } = await hiveWithImage(4);
    hive.faults.add({ when: DOWNLOAD, what });
    const failure = await failureOf(files.download(attachment));
    expect(failure).toMatchObject({ reason });
    expect(failure.message).toMatch(message);
  });

  test('more bytes than the case says', async () => {
    const { files, attachment } = await hiveWithImage(4, {}, { retries: 0 });
    const failure = failureOf(all(files, { ...attachment, size: 1000 }));
    expect(await failure).toMatchObject({
      message: expect.stringMatching(/more than its 1000 bytes came/),
    });
  });

  test('from a byte on, with and without ranges', async () => {
    for (const version of VERSIONS) {
      const { files, attachment } = await hiveWithImage(version);
      const expected = { size: SIZE - 70_001, sha256: sha256Of(someBytes(SIZE, 70_001)) };
      expect(await all(files, attachment, { from: 70_001 })).toEqual(expected);
    }
  });

  test('a reader that takes its time is not silence, and one that stops closes the connection', async () => {
    const { files, attachment } = await hiveWithImage(4, {}, { timeoutMs: 1500, retries: 0 });
    const { chunks } = await files.download(attachment);
    let size = 0;
    for await (const chunk of chunks) {
      if (size === 0) await new Promise((done) => setTimeout(done, 2000));
      size += chunk.length;
      if (size > 300_000) break;
    }
    expect(size).toBeLessThan(SIZE);
  });

  test('a stop is a stop', async () => {
    const { hive, files, attachment } = await hiveWithImage(4);
    const stop = new AbortController();
    hive.faults.add({ when: DOWNLOAD, what: { kind: 'body', after: 1000, ending: 'silence' } });
    setTimeout(() => stop.abort(), 60);
    expect(await failureOf(all(files, attachment, { signal: stop.signal }))).toMatchObject({
      kind: 'cancelled',
    });
  });

  test('wrong bytes of the right length are for the hash to find', async () => {
    const { hive, files, attachment, file } = await hiveWithImage(5);
    hive.faults.add({ when: DOWNLOAD, what: { kind: 'wrong-bytes' } });
    const got = await all(files, attachment);
    expect(got.size).toBe(SIZE);
    expect(got.sha256).not.toBe(file.sha256);
  });

  test('200 MB pass through without piling up', async () => {
    const part = new Uint8Array(65_536);
    const parts = 3000;
    const { hive, store, aCase, writer } = await startHive(4);
    let sent = 0;
    function* bytes() {
      for (let index = 0; index < parts; index += 1) {
        sent += part.length;
        yield part;
      }
    }
    const size = parts * part.length;
    store.addFile(aCase._id, store.file('big.raw', new Uint8Array(0), { size, bytes }));
    const files = caseFiles(await sessionOf(hive, writer, { timeoutMs: 20_000 }));
    const [attachment] = (await files.observables(aCase._id)).flatMap(
      (one) => one.attachment ?? [],
    );
    if (!attachment) throw new Error('no attachment');
    const { chunks } = await files.download(attachment);
    let [taken, most] = [0, 0];
    for await (const chunk of chunks) {
      taken += chunk.length;
      most = Math.max(most, sent - taken);
    }
    expect(taken).toBe(size);
    // On their way at one time; the process' memory holds other tests' garbage too, and says nothing.
    expect(most).toBeLessThan(64 * 2 ** 20);
  });
});
