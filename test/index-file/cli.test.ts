/** `--index` as a user has it: the built program. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { IndexContents } from '../../src/index-file/index-contents.ts';
import { ownerLayout } from '../../src/index-file/owner-layout.ts';
import { buildImage } from '../support/build-image.ts';
import { fromRoot } from '../support/requires.ts';

const IP = '203.0.113.7';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-index-cli-'));
  writeFileSync(join(folder, 'memory.raw'), machine());
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const machine = (): Uint8Array =>
  buildImage()
    .process('evil', { pid: 42, exe: '/tmp/evil' })
    .maps(0x7ff0_0000n, `ascii GET http://${IP}/x HTTP/1.1\r\nHost: other.example\r\n`)
    .toBytes();

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fromRoot('dist/ip2process.js'), ...args, '--format', 'json'],
    { cwd: folder, encoding: 'utf8', timeout: 120_000 },
  );
  const { timings: _, ...report } = stdout === '' ? { timings: null } : JSON.parse(stdout);
  return { status, stderr, report };
}

test('the same report without an index, when it is made, and from it; for other questions too', () => {
  const plain = run(IP, '--image', 'memory.raw');
  expect(run(IP, '--image', 'memory.raw', '--index')).toEqual(plain);
  expect(existsSync(join(folder, 'memory.raw.ip2process-index'))).toBe(true);
  expect(run(IP, '--image', 'memory.raw', '--index')).toEqual(plain);
  for (const other of ['other.example', `http://${IP}/x`, '198.51.100.9']) {
    expect(run(other, '--image', 'memory.raw', '--index')).toEqual(
      run(other, '--image', 'memory.raw'),
    );
  }
});

test('--verify hashes first, and the report has that hash', () => {
  const first = run(IP, '--image', 'memory.raw', '--index');
  const verified = run(IP, '--image', 'memory.raw', '--index', '--verify', '--no-sha256');
  expect(first.report.image.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(verified).toEqual(first);
});

test('another image under the old name: a warning, and the answer of what is there', () => {
  run(IP, '--image', 'memory.raw', '--index');
  writeFileSync(join(folder, 'memory.raw'), buildImage().process('good', { pid: 7 }).toBytes());
  const { status, report } = run(IP, '--image', 'memory.raw', '--index');
  expect(status).toBe(1);
  expect(JSON.stringify(report)).toContain('was not used: the image');
});

test('an index whose owners are damaged: a warning, the same answer, and it is made anew', () => {
  const path = join(folder, 'memory.raw.ip2process-index');
  const first = run(IP, '--image', 'memory.raw', '--index');
  const index = readFileSync(path);
  const contents = index.toString('utf8', Number(index.readBigUInt64LE(16)));
  const { owners }: IndexContents = JSON.parse(contents);
  const { blocks } = ownerLayout(owners?.unreadableTables.length ?? 0, owners?.uses ?? 0);
  const at = (owners?.offset ?? 0) + blocks;
  index.writeUInt8((index[at] ?? 0) ^ 1, at);
  writeFileSync(path, index);
  const { status, report } = run(IP, '--image', 'memory.raw', '--index');
  expect(status).toBe(0);
  expect(report.indicators).toEqual(first.report.indicators);
  expect(JSON.stringify(report)).toContain('was not used: it is damaged; it is made anew');
  expect(run(IP, '--image', 'memory.raw', '--index')).toEqual(first);
});

test('a packed image: it says that no index was made', () => {
  writeFileSync(join(folder, 'memory.gz'), gzipSync(machine()));
  const { status, report } = run(IP, '--image', 'memory.gz', '--index');
  expect(status).toBe(0);
  expect(JSON.stringify(report)).toContain('No index was made: the image is packed');
});

test('a folder that cannot be written: the answer, and a note', () => {
  const { status, stderr } = run(IP, '--image', 'memory.raw', '--index-folder', 'none');
  expect(status).toBe(0);
  expect(stderr).toMatch(/^Note: Cannot write the index .*--index-folder names another folder$/m);
});

test('--verify without an index is refused', () => {
  expect(run(IP, '--image', 'memory.raw', '--verify')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('use --index'),
  });
});
