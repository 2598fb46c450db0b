import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ImageCandidate } from '../../src/evidence/evidence.ts';
import { fetchImage } from '../../src/evidence/fetch-image.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import type { Request } from '../../src/run/request.ts';

const IP = '35.178.122.152';
const MIB = 2 ** 20;
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const image = Buffer.alloc(160 * MIB);
for (let at = 3 * MIB; at < image.length; at += 9 * MIB) image.write(` ${IP} `, at);
const sha256 = hashOf(image);
const folder = mkdtempSync(join(tmpdir(), 'ip2process-pipeline-'));
beforeAll(() => writeFileSync(join(folder, 'memory.raw'), image));
afterAll(() => rmSync(folder, { recursive: true }));

const request: Request = {
  indicators: [parseIndicator(IP)],
  image: join(folder, 'memory.raw'),
  threads: 1,
  hash: true,
  toolVersion: 'test',
};

const arriving = (bytes: Buffer, changes: Partial<ImageCandidate> = {}) =>
  fetchImage(
    { ...candidate, ...changes },
    {
      uploads: {
        async upload() {
          await wait(0);
          return { size: bytes.length, chunks: slowly(bytes) };
        },
      },
    },
    { scratch: folder },
  );

const candidate: ImageCandidate = {
  name: 'memory.raw',
  host: null,
  bytes: image.length,
  sha256,
  observable: null,
  source: { kind: 'velociraptor', client: 'C.1', flow: 'F.1', path: 'memory.raw' },
};

async function* slowly(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += MIB) {
    await wait(at > 100 * MIB ? 20 : 1);
    yield bytes.subarray(at, at + MIB);
  }
}

test('an image that arrives gives the report of the file, hash included', async () => {
  const { timings: _, ...expected } = await ip2process(request);
  const fetched = await arriving(image);
  const phases = new Set<string>();
  const { timings, ...report } = await ip2process(
    { ...request, hash: false, source: fetched.source },
    { onProgress: (phase) => phases.add(phase) },
  );
  await fetched.release();
  expect(report.image?.sha256).toBe(sha256);
  expect(report).toEqual(expected);
  expect(phases).toContain('arrive');
  expect(timings).toHaveProperty('arrive');
});

test('the hash of an image that arrives packed is that of its file', async () => {
  const packed = gzipSync(image);
  const expected = hashOf(packed);
  const fetched = await arriving(packed, { bytes: packed.length, sha256: expected });
  const { image: told } = await ip2process({ ...request, hash: false, source: fetched.source });
  await fetched.release();
  expect(told).toMatchObject({ container: 'gzip', fileBytes: packed.length, sha256: expected });
});

test('nothing is told of an image whose hash is wrong', async () => {
  const other = Buffer.from(image);
  other[77] = 1;
  const fetched = await arriving(other);
  await expect(
    ip2process({ ...request, image: 'memory.raw', source: fetched.source }),
  ).rejects.toThrow(/its SHA-256 is/);
  await fetched.release();
});

test('a run that is stopped while its image arrives ends at once', async () => {
  const fetched = await arriving(image);
  const stop = new AbortController();
  const running = ip2process(
    { ...request, image: 'memory.raw', source: fetched.source },
    { signal: stop.signal },
  );
  const refused = expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  stop.abort();
  await refused;
  expect(fetched.source.available).toBeLessThan(image.length / 2);
  await fetched.release();
});
