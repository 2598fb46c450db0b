// Compiles module.c of this folder into the file named. Run by hand after a change, a test holds the two together:
// `npx tsx src/machine-code/compile.ts src/machine-code/linux-x64.node`. Needs the compiler of Zig on the PATH,
// which makes the same bytes on every machine: `pip install ziglang==0.17.1`.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [output] = process.argv.slice(2);
if (output === undefined) throw new Error('name a file: tsx compile.ts FILE');

const OPTIONS =
  '-target x86_64-linux-gnu -O3 -shared -nostdlib -ffreestanding -fvisibility=hidden -s -Wall -Wextra';
const headers = fileURLToPath(import.meta.resolve('node-api-headers/package.json'));
execFileSync(
  'python-zig',
  [
    'cc',
    ...OPTIONS.split(' '),
    '-I',
    headers.replace('package.json', 'include'),
    '-o',
    output,
    fileURLToPath(new URL('module.c', import.meta.url)),
  ],
  { stdio: 'inherit' },
);
