/**
 * Makes a fresh checkout ready: installs what is missing, builds what is out of date. Plain Node, no dependencies,
 * so that it runs before anything is installed. Silent when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';

process.chdir(new URL('..', import.meta.url).pathname);

const major = Number(process.versions.node.split('.')[0]);
if (major < 20)
  fail(`Cannot set up ip2process: this is Node ${process.version}, it needs 20 or newer`);

// npm writes this file last, so a half-finished installation counts as none.
const installed = 'node_modules/.package-lock.json';
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs) {
  console.error('Installing dependencies …');
  // Not `npm ci`: it refuses a lock file without the optional packages of other platforms. The lock file stays as it is.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
}
run(process.execPath, ['src/build.mjs']);
// Where the demos put their reports.
mkdirSync('demo', { recursive: true });

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) fail(`Cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message) {
  console.error(message);
  process.exit(3);
}
