/** Bundles the program into dist/: the command, and the scan's worker beside it. Takes about 0.1 s. */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

mkdirSync('dist', { recursive: true });
await build({
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
});
chmodSync('dist/ip2process.js', 0o755);
