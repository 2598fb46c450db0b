/**
 * Puts Volatility 3, pinned, into a private environment that ip2process finds by itself: .volatility3/ beside this checkout,
 * or the folder that is named. Needs python3 with its venv module, and the package index once. Does nothing when all is there.
 *
 *     npm run setup:volatility3
 *     node src/setup-volatility3.mjs /opt/volatility3
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, '.volatility3');
const requirements = join(root, 'src/engine/volatility3/requirements.txt');
const pinned = readFileSync(requirements, 'utf8');
// Written last, so a half-finished installation counts as none.
const done = join(folder, 'ip2process-requirements.txt');

if (!existsSync(done) || readFileSync(done, 'utf8') !== pinned) {
  console.error(`Installing Volatility 3 into ${folder} …`);
  rmSync(done, { force: true });
  run('python3', ['-m', 'venv', folder]);
  const quietly = ['--quiet', '--disable-pip-version-check'];
  run(join(folder, 'bin/python'), [
    '-m',
    'pip',
    'install',
    ...quietly,
    '--requirement',
    requirements,
  ]);
  writeFileSync(done, pinned);
}
console.error(`Volatility 3: ${join(folder, 'bin/vol')}`);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  const reason = error ? error.message : `it ended with status ${status}`;
  const hint =
    command === 'python3' ? '; it needs python3 with its venv module (python3-venv)' : '';
  console.error(`Cannot run ${command}: ${reason}${hint}`);
  process.exit(3);
}
