/** The built command with a second engine: what the user sees, and that nothing stays behind. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { recipeMachine } from '../support/build-windows/recipe-machine.ts';
import { fromRoot } from '../support/from-root.ts';

const PROGRAM = fromRoot('dist/ip2process.js');
let folder = '';
const image = () => join(folder, 'recipe.raw');
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-engine-'));
  writeFileSync(image(), recipeMachine().build().bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A stand-in for Volatility's command. */
function stand(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const run = (...args: string[]) =>
  spawnSync(process.execPath, [PROGRAM, '35.178.122.152', '--image', image(), '--quiet', ...args], {
    encoding: 'utf8',
  });

test('both: a Volatility that is missing costs a section, not the answer', () => {
  const { status, stdout } = run('--engine', 'both', '--volatility', '/nowhere/vol');
  const words = stdout.replace(/\s+/g, ' ');
  expect([0, 2]).toContain(status);
  expect(words).toContain('taskhostex.exe (PID 3008)');
  expect(words).toContain('Second opinion: Volatility 3');
  expect(words).toContain('npm run setup:volatility3');
}, 60_000);

test('volatility3 alone: the same is a failure, in one sentence', () => {
  const { status, stdout, stderr } = run('--engine', 'volatility3', '--volatility', '/nowhere/vol');
  expect(status).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toContain('Cannot run Volatility 3: "/nowhere/vol" is not there');
  expect(stderr.trim().split('\n').length).toBe(1);
}, 60_000);

test('it is offline and finds our plugins beside the built program', () => {
  const told = join(folder, 'arguments');
  run('--engine', 'both', '--volatility', stand('echo', `echo "$@" > ${told}; exit 1`));
  const args = readFileSync(told, 'utf8');
  expect(args).toContain('--offline');
  const [, plugins = ''] = /--plugin-dirs (\S+)/.exec(args) ?? [];
  expect(existsSync(join(plugins, 'windows/ip2process.py'))).toBe(true);
  expect(args).toContain(`-f ${image()} windows.ip2process`);
}, 60_000);

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux(
  'an interrupt ends Volatility and whatever it has started',
  async () => {
    const pids = join(folder, 'pids');
    const slow = stand(
      'slow',
      `sleep 300 & echo $! $$ > ${pids}.new; mv ${pids}.new ${pids}; wait`,
    );
    const child = spawn(
      process.execPath,
      [PROGRAM, '35.178.122.152', '--image', image(), '--engine', 'both', '--volatility', slow],
      { stdio: 'ignore' },
    );
    const ended = new Promise((resolve) => child.on('exit', resolve));
    while (!existsSync(pids)) await wait(50);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    const started = readFileSync(pids, 'utf8').trim().split(' ');
    expect(started.length).toBe(2);
    expect(started.filter((pid) => isAlive(pid))).toEqual([]);
  },
  120_000,
);

const isAlive = (pid: string): boolean =>
  existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
