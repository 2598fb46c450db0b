/** `ip2process case` as cron runs it: the built program, a TheHive over HTTP. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { caseWithImage, downloadsOf } from '../support/cortex/case-with-image.ts';
import { runProgram } from '../support/run-program.ts';
import { VERSIONS } from '../support/thehive/hive.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-cli-case-');

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runProgram(['case', ...args], { cwd: folder, env });

describe.each(VERSIONS)('TheHive %d', (version) => {
  test('a case by its number: the answer on stdout and in the case; twice is as once', async () => {
    const { hive, store, writer, case: aCase, ip } = await caseWithImage(version);
    const args = [String(aCase.number), '--thehive', hive.url, '--quiet'];
    const env = { IP2PROCESS_THEHIVE_KEY: writer.key };
    const first = await run(args, env);
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('evil (PID 42)') });
    expect(ip.tags).toContainEqual(expect.stringMatching(/^ip2process:verdict=/));
    const count = store.observables.size;

    const second = await run(args, env);
    expect(second).toMatchObject({ status: 0, stdout: expect.stringContaining('answered before') });
    expect(store.observables.size).toBe(count);
    expect(downloadsOf(hive)).toBe(1);
    expect((await run([...args, '--again'], env)).stdout).toContain('evil (PID 42)');
    expect(store.observables.size).toBe(count);
  });
});

test('a key that may only read: the answer, and that nothing was written', async () => {
  const { hive, store, case: aCase } = await caseWithImage(5, []);
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, `${store.accounts[1]?.key}\n`);
  const { status, stdout, stderr } = await run([
    aCase._id,
    '--thehive',
    hive.url,
    '--key-file',
    keyFile,
  ]);
  expect(status).toBe(0);
  expect(stdout).toContain('evil (PID 42)');
  expect(stderr).toContain('may not write: nothing was added');
  expect(hive.writes).toEqual([]);
});

test('a wrong key is not repeated in what is printed', async () => {
  const { hive } = await caseWithImage(4);
  const env = { IP2PROCESS_THEHIVE_KEY: 'wrong-key-wrong-key' };
  const { status, stderr } = await run(['57', '--thehive', hive.url], env);
  expect(status).toBe(3);
  expect(stderr).toMatch(/^ip2process: Cannot .*401/);
  expect(stderr).not.toContain('wrong-key');
});

test.each([
  [[], /one case should be named/],
  [['57'], /no TheHive given/],
  [['57', '--thehive', 'http://127.0.0.1:1'], /no API key; use --key-file/],
  [['57', '--thehive', 'http://127.0.0.1:1', '--key', 'k'], /Unknown option '--key'/],
  [['57', '--thehive', 'ftp://x', '--key-file', '/dev/null/x'], /Cannot read .*ENOTDIR/],
  [
    ['57', '--thehive', 'http://127.0.0.1:1', '--engine', 'rekall'],
    /Cannot use the engine "rekall"/,
  ],
])('%j is refused in one sentence', async (args, message) => {
  const { status, stderr } = await run(args);
  expect(status).toBe(3);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('the help says where the key comes from', async () => {
  expect(await run(['--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('IP2PROCESS_THEHIVE_KEY'),
  });
});
