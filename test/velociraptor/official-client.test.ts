/**
 * Velociraptor's own Python client (PyPI pyvelociraptor, MIT) against the stand-in of the tests: both sides of ours are made from one
 * table of messages, so somebody else must say that the table is right.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { requires } from '../support/requires.ts';
import { apiFile, makeCertificates } from './certificates.ts';
import { type StandIn, standIn } from './stand-in.ts';

const official = requires('pyvelociraptor', 'pip install pyvelociraptor==0.1.14');
const BYTES = Uint8Array.from({ length: 5000 }, (_, at) => at % 251);

let folder = '';
let server: StandIn | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-official-'));
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(program: string, ...args: string[]): Promise<Buffer> {
  const certificates = makeCertificates();
  server = await standIn(certificates, {
    onQuery: ({ env }) => ({ rows: [{ Told: env['Word'] }], logs: ['a line of the log'] }),
    onRead: (_, offset, length) => BYTES.subarray(offset, offset + length),
  });
  const config = join(folder, 'api.yaml');
  writeFileSync(config, apiFile(certificates, certificates.user, server.address));
  return new Promise((resolve, reject) => {
    execFile(program, ['--config', config, ...args], { encoding: 'buffer' }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}

official(
  'its queries are read as ours are, and it reads the answers',
  async () => {
    const told = await run(
      'pyvelociraptor',
      '--org',
      'O1',
      '--env',
      'Word=beacon',
      '--',
      'SELECT Word FROM scope()',
    );
    expect(server?.questions).toEqual([
      { vql: 'SELECT Word FROM scope()', env: { Word: 'beacon' }, organisation: 'O1' },
    ]);
    expect(told.toString()).toContain("{'Told': 'beacon'}");
    expect(told.toString()).toContain('a line of the log');
  },
  60_000,
);

official(
  'it fetches a stored file by the same pieces',
  async () => {
    const bytes = await run('pyvelociraptor_fetch', 'clients/C.1/uploads/file/a.raw');
    expect(Buffer.compare(bytes, BYTES)).toBe(0);
    expect(server?.reads.slice(0, 2)).toEqual([
      [0, 1024],
      [1024, 1024],
    ]);
  },
  60_000,
);
