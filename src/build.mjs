/** Bundles the program into dist/: the command, and the scan's worker beside it. Takes about 0.1 s. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

mkdirSync('dist', { recursive: true });
const { metafile } = await build({
  entryPoints: { ip2process: 'src/cli.ts', 'scan-worker': 'src/scan/scan-worker.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  // Beside the command, where the scan looks for its worker.
  chunkNames: '[name]-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  define: { IP2PROCESS_VERSION: JSON.stringify(version) },
  loader: { '.wasm': 'binary' },
  // Bundled CommonJS packages ask for `require` of Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
  metafile: true,
});

// Pieces of earlier builds.
const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const file of readdirSync('dist')) {
  if (/\.js$/.test(file) && !made.has(file)) rmSync(`dist/${file}`);
}
chmodSync('dist/ip2process.js', 0o755);
