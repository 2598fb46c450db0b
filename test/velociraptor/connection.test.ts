import { status } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect } from '@jest/globals';
import { readApiSettings } from '../../src/velociraptor/api-settings.ts';
import {
  type Connection,
  connectVelociraptor,
  type ConnectionOptions,
} from '../../src/velociraptor/connection.ts';
import { requires } from '../support/requires.ts';
import { apiFile, type Certificate, type Certificates, makeCertificates } from './certificates.ts';
import { type StandIn, standIn, type StandInOptions } from './stand-in.ts';

const withOpenssl = requires('openssl', 'apt-get install openssl');
let certificates: Certificates;
let strangers: Certificates;
const open: { close(): void }[] = [];

beforeAll(() => {
  if (!withOpenssl.isPresent) return;
  certificates = makeCertificates();
  strangers = makeCertificates();
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function connected(
  options: StandInOptions = {},
  {
    as = certificates.user,
    trust = certificates,
    ...more
  }: ConnectionOptions & { as?: Certificate; trust?: Certificates } = {},
): Promise<{ connection: Connection; server: StandIn }> {
  const server = await standIn(certificates, options);
  const connection = connectVelociraptor(readApiSettings(apiFile(trust, as, server.address)), more);
  open.push(connection, server);
  return { connection, server };
}

describe('a connection to the API', () => {
  withOpenssl('gives rows and logs, over mutual TLS', async () => {
    const { connection, server } = await connected(
      { onQuery: () => ({ rows: [{ a: 1 }, { a: 2 }, { a: 3 }], logs: ['starting'] }) },
      { organisation: 'O1' },
    );
    expect(await connection.query('SELECT a FROM b')).toEqual({
      rows: [{ a: 1 }, { a: 2 }, { a: 3 }],
      logs: ['starting'],
    });
    expect(server.questions[0]?.organisation).toBe('O1');
  });

  withOpenssl('brings values as variables and never into the text', async () => {
    const { connection, server } = await connected();
    const evil = `x'"\`) } SELECT * FROM execve(argv="id") --\n`;
    await connection.query('SELECT * FROM clients(search=Search)', { Search: evil });
    expect(server.questions).toEqual([
      { vql: 'SELECT * FROM clients(search=Search)', env: { Search: evil }, organisation: '' },
    ]);
  });

  withOpenssl('takes messages far above the 4 MiB of gRPC', async () => {
    const { connection } = await connected({
      onQuery: () => ({ rows: [{ a: 'x'.repeat(6 * 2 ** 20) }] }),
    });
    expect((await connection.query('SELECT 1')).rows).toHaveLength(1);
  });

  const faults: [
    what: string,
    options: StandInOptions,
    more: ConnectionOptions,
    reason: string,
    message: RegExp,
  ][] = [
    [
      'a user without the right',
      {
        onQuery: () => ({
          fails: { code: status.PERMISSION_DENIED, details: 'PermissionDenied ANY_QUERY' },
        }),
      },
      {},
      'denied',
      /"cortex" may not.*roles api and investigator/,
    ],
    [
      'a message above the limit',
      { onQuery: () => ({ rows: [{ a: 'x'.repeat(2 ** 20) }] }) },
      { largestMessageBytes: 2 ** 18 },
      'too-large',
      /larger than is taken.*stay on the server/,
    ],
    ['rows that are none', { onQuery: () => ({ raw: '"no"' }) }, {}, 'failed', /not rows in JSON/],
    [
      'a failure there',
      { onQuery: () => ({ fails: { code: status.INTERNAL, details: 'disk \u001b[2J gone' } }) },
      {},
      'failed',
      /failed there \(disk /,
    ],
  ];
  for (const [what, options, more, reason, message] of faults) {
    withOpenssl(`${what} is told as "${reason}"`, async () => {
      const { connection } = await connected(options, more);
      await expect(connection.query('SELECT 1')).rejects.toMatchObject({
        reason,
        message: expect.stringMatching(message),
      });
    });
  }

  withOpenssl('a server that does not answer in time is told so', async () => {
    const { connection } = await connected({ onQuery: () => ({ hangs: true }) });
    await expect(connection.query('SELECT 1', {}, { timeoutMs: 300 })).rejects.toMatchObject({
      reason: 'slow',
    });
  });

  withOpenssl('a caller can stop it', async () => {
    const { connection } = await connected({ onQuery: () => ({ hangs: true }) });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    await expect(connection.query('SELECT 1', {}, { signal: stop.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await expect(connection.read(['a'], 0, 1, stop.signal)).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });

  withOpenssl('a server of strangers is not trusted', async () => {
    const { connection } = await connected({}, { trust: strangers, as: strangers.user });
    await expect(connection.query('SELECT 1')).rejects.toMatchObject({
      reason: 'certificate',
      message: expect.stringMatching(/do not belong together/),
    });
  });

  withOpenssl('a server that shows a user’s certificate is not trusted', async () => {
    const { connection } = await connected({ server: certificates.user });
    await expect(connection.query('SELECT 1')).rejects.toMatchObject({ reason: 'certificate' });
  });

  withOpenssl('a closed port is told with what to look at', async () => {
    const { connection, server } = await connected();
    server.close();
    await expect(connection.query('SELECT 1')).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringMatching(/API\.bind_address/),
    });
  });
});
