import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect } from '@jest/globals';
import { arriving } from '../../src/evidence/arrival.ts';
import { landingFile } from '../../src/evidence/landing-file.ts';
import { readApiSettings } from '../../src/velociraptor/api-settings.ts';
import { connectVelociraptor } from '../../src/velociraptor/connection.ts';
import { findUpload } from '../../src/velociraptor/find-upload.ts';
import { type FetchOptions, uploadSource } from '../../src/velociraptor/uploads.ts';
import { requires } from '../support/requires.ts';
import { apiFile, type Certificates, makeCertificates } from './certificates.ts';
import {
  type Answer,
  type Question,
  type StandIn,
  standIn,
  type StandInOptions,
} from './stand-in.ts';

const withOpenssl = requires('openssl', 'apt-get install openssl');
let certificates: Certificates;
beforeAll(() => {
  if (withOpenssl.isPresent) certificates = makeCertificates();
});
const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** Not a whole number of pieces, and no piece like another. */
const IMAGE = Buffer.alloc(300_001, 0).map((_, index) => (index * 31 + (index >> 8)) & 0xff);
const HASH = createHash('sha256').update(IMAGE).digest('hex');
const COMPONENTS = [
  'clients',
  'C.1',
  'collections',
  'F.1',
  'uploads',
  'file',
  '/tmp/odd/ws12_1.raw',
];
const FROM = { client: 'C.1', flow: 'F.1', path: 'ws12_1.raw' };
const fast: FetchOptions = { pieceBytes: 65_536, retryDelayMs: 1 };

interface Stored {
  readonly state?: string;
  readonly uploaded?: number;
  readonly sha256?: string | null;
  readonly more?: readonly object[];
}

/** What a server says of a flow with one image. */
const stored =
  ({ state = 'FINISHED', uploaded = IMAGE.length, sha256 = HASH, more = [] }: Stored = {}) =>
  ({ vql }: Question): Answer => {
    if (vql.includes('FROM flows')) {
      return {
        rows: [
          {
            session_id: 'F.1',
            state,
            artifacts_with_results: ['Custom.Windows.Memory.AcquireForIP2Process/Image'],
          },
        ],
      };
    }
    if (vql.includes('FROM uploads')) {
      return {
        rows: [
          {
            vfs_path: '/tmp/odd/ws12_1.raw',
            file_size: IMAGE.length,
            uploaded_size: uploaded,
            Type: '',
            Upload: { Components: COMPONENTS },
          },
          ...more,
        ],
      };
    }
    return { rows: [{ File: '/tmp/odd/ws12_1.raw', SHA256: sha256, Status: 'complete' }] };
  };

const give: StandInOptions['onRead'] = (_, offset, length) =>
  IMAGE.subarray(offset, offset + length);

async function fetched(
  options: StandInOptions,
  how: FetchOptions = fast,
  largestMessageBytes?: number,
): Promise<{ bytes: Buffer; server: StandIn; size: number | null }> {
  const { server, connection } = await connected(options, largestMessageBytes);
  const stream = await uploadSource(connection, how).upload(FROM);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.chunks) chunks.push(Uint8Array.from(chunk));
  return { bytes: Buffer.concat(chunks), server, size: stream.size };
}

async function connected(
  options: StandInOptions,
  largestMessageBytes?: number,
): Promise<{ server: StandIn; connection: ReturnType<typeof connectVelociraptor> }> {
  const server = await standIn(certificates, options);
  const connection = connectVelociraptor(
    readApiSettings(apiFile(certificates, certificates.user, server.address)),
    largestMessageBytes === undefined ? {} : { largestMessageBytes },
  );
  open.push(connection, server);
  return { server, connection };
}

describe('an uploaded image', () => {
  withOpenssl('is fetched byte for byte, its path in parts', async () => {
    const paths: (readonly string[])[] = [];
    const { bytes, size } = await fetched({
      onQuery: stored(),
      onRead: (components, offset, length) => {
        paths.push(components);
        return IMAGE.subarray(offset, offset + length);
      },
    });
    expect(bytes.equals(IMAGE)).toBe(true);
    expect(size).toBe(IMAGE.length);
    expect(paths[0]).toEqual(COMPONENTS);
  });

  withOpenssl('is taken up where it broke', async () => {
    const { bytes, server } = await fetched({
      onQuery: stored(),
      onRead: (_, offset, length, read) => {
        // No bytes, as for a disk that failed there; then nobody there for a moment; then fewer than asked.
        if (read === 1) return new Uint8Array(0);
        if (read === 3) return { code: status.UNAVAILABLE, details: 'gone' };
        return IMAGE.subarray(offset, offset + (read === 4 ? 1000 : length));
      },
    });
    expect(bytes.equals(IMAGE)).toBe(true);
    expect(server.reads.slice(0, 6).map(([offset]) => offset)).toEqual([
      0, 65536, 65536, 131072, 131072, 132072,
    ]);
  });

  withOpenssl('that breaks for good is told with the place', async () => {
    await expect(
      fetched(
        {
          onQuery: stored(),
          onRead: (_, offset, length) =>
            offset >= 131072 ? new Uint8Array(0) : IMAGE.subarray(offset, offset + length),
        },
        { ...fast, retries: 2 },
      ),
    ).rejects.toMatchObject({
      reason: 'broken-upload',
      message: expect.stringMatching(
        /broke at byte 131072 of 300001, 3 times.*stays on the server/,
      ),
    });
  });

  withOpenssl('is asked for in smaller pieces where messages are limited', async () => {
    const { bytes, server } = await fetched(
      { onQuery: stored(), onRead: give },
      { ...fast, pieceBytes: 2 ** 18 },
      100_000,
    );
    expect(bytes.equals(IMAGE)).toBe(true);
    expect(server.reads.map(([, length]) => length).slice(0, 3)).toEqual([
      2 ** 18,
      2 ** 17,
      2 ** 16,
    ]);
  });

  withOpenssl('with another hash is refused, and its last piece is not given', async () => {
    const damaged = Buffer.from(IMAGE);
    damaged[150_000] = (damaged[150_000] ?? 0) ^ 1;
    await expect(
      fetched({
        onQuery: stored(),
        onRead: (_, offset, length) => damaged.subarray(offset, offset + length),
      }),
    ).rejects.toMatchObject({
      reason: 'broken-upload',
      message: expect.stringMatching(new RegExp(`the machine sent ${HASH}`)),
    });
  });

  withOpenssl('whose hash nobody knows is fetched all the same', async () => {
    expect((await fetched({ onQuery: stored({ sha256: null }), onRead: give })).bytes.length).toBe(
      IMAGE.length,
    );
  });

  const unusable: [what: string, stored: Stored, reason: string, message: RegExp][] = [
    [
      'that still comes',
      { state: 'RUNNING', uploaded: 1000 },
      'broken-upload',
      /1000 of 300001 bytes.*flow F\.1 is RUNNING; wait/,
    ],
    [
      'that was cut by a limit',
      { state: 'ERROR', uploaded: 1000 },
      'broken-upload',
      /it was cut: collect again with a higher limit/,
    ],
    ['that is shorter than its file', { uploaded: 1000 }, 'broken-upload', /it was cut/],
  ];
  for (const [what, how, reason, message] of unusable) {
    withOpenssl(`${what} is not taken for whole`, async () => {
      const { connection } = await connected({ onQuery: stored(how) });
      await expect(findUpload(connection, FROM)).rejects.toMatchObject({
        reason,
        message: expect.stringMatching(message),
      });
    });
  }

  withOpenssl('with holes is whole though fewer bytes came', async () => {
    const index = {
      vfs_path: '/tmp/odd/ws12_1.raw.idx',
      file_size: 10,
      uploaded_size: 10,
      Type: 'idx',
      Upload: { Components: ['x'] },
    };
    const { connection } = await connected({ onQuery: stored({ uploaded: 1000, more: [index] }) });
    expect(await findUpload(connection, FROM)).toMatchObject({ size: IMAGE.length, sha256: HASH });
  });

  withOpenssl('is named by what is there where the name is wrong', async () => {
    const { connection } = await connected({ onQuery: stored() });
    await expect(findUpload(connection, { ...FROM, path: 'ws1' })).rejects.toThrow(
      /0 uploads of that name \(it has: .*ws12_1\.raw\)/,
    );
  });

  withOpenssl(
    'comes through the evidence seam, and a damaged one fails whoever reads it',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ip2process-upload-'));
      try {
        for (const isDamaged of [false, true]) {
          const { connection } = await connected({
            onQuery: stored(isDamaged ? { sha256: '0'.repeat(64) } : {}),
            onRead: give,
          });
          const stream = await uploadSource(connection, fast).upload(FROM);
          const file = await landingFile(folder, { expectedBytes: stream.size });
          const source = await arriving(
            stream,
            file,
            { name: 'image', bytes: null, sha256: null, largestBytes: 2 ** 30 },
            new AbortController().signal,
          );
          if (isDamaged)
            await expect(source.complete).rejects.toMatchObject({ reason: 'broken-upload' });
          else expect(await source.complete).toEqual({ bytes: IMAGE.length, sha256: HASH });
          await file.close();
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  withOpenssl('can be stopped', async () => {
    const stop = new AbortController();
    const { connection } = await connected({
      onQuery: stored(),
      onRead: (_, offset, length, read) => {
        if (read === 1) stop.abort();
        return IMAGE.subarray(offset, offset + length);
      },
    });
    const stream = await uploadSource(connection, fast).upload(FROM, { signal: stop.signal });
    await expect(
      (async () => {
        for await (const chunk of stream.chunks) expect(chunk.length).toBeGreaterThan(0);
      })(),
    ).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
