/** Bundles into dist/: the command with the scan's worker beside it, and the responder as Cortex loads it. Takes about 0.3 s. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { basename, resolve } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  loader: { '.wasm': 'binary' },
  // Bundled CommonJS packages ask for `require` of Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
  metafile: true,
};
/** @param scanWorker the file, seen from the bundle, that a thread of the scan starts with */
const define = (scanWorker, root) => ({
  IP2PROCESS_VERSION: JSON.stringify(version),
  IP2PROCESS_SCAN_WORKER: JSON.stringify(scanWorker),
  IP2PROCESS_INDEX_WORKER: JSON.stringify('./index-worker.cjs'),
  IP2PROCESS_NATIVE: JSON.stringify('./machine-code-linux-x64.node'),
  IP2PROCESS_ROOT: JSON.stringify(root),
  IP2PROCESS_VOLATILITY3_PLUGINS: JSON.stringify(`./${PLUGINS}`),
});
/** Beside each bundle: what Volatility 3 loads. */
const PLUGINS = 'volatility3-plugins';
const copyPlugins = (folder) => {
  rmSync(`${folder}/${PLUGINS}`, { recursive: true, force: true });
  cpSync('src/engine/volatility3/plugin', `${folder}/${PLUGINS}`, {
    recursive: true,
    filter: (path) => !path.includes('__pycache__'),
  });
  copyFileSync('src/engine/volatility3/requirements.txt', `${folder}/${PLUGINS}/requirements.txt`);
  copyFileSync('src/machine-code/linux-x64.node', `${folder}/machine-code-linux-x64.node`);
};

const command = {
  ...common,
  entryPoints: { ip2process: 'src/cli.ts' },
  outdir: 'dist',
  splitting: true,
  // Beside the command, where the scan looks for its worker.
  chunkNames: '[name]-[hash]',
  define: define('./scan-worker.cjs', '..'),
};
/**
 * A part of the program is what is loaded when it is asked for, and modules go into one piece where the same parts need
 * them. Here each part needs the run of the command as well, which is loaded by then in nearly any case: so all that the
 * run begins with is one file, and not one for each set of parts that share some of it. Twenty files took 20 ms more.
 */
const inOnePiece = (parts) => ({
  name: 'in-one-piece',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!parts.has(path)) return undefined;
      const contents = `import ${JSON.stringify(RUN)};\n${readFileSync(path, 'utf8')}`;
      return { contents, loader: 'ts' };
    }),
});
const RUN = resolve('src/cli/run-command.ts');

mkdirSync('dist', { recursive: true });
const apart = await build({ ...command, write: false });
const parts = new Set(
  Object.values(apart.metafile.outputs).map(({ entryPoint = '' }) => resolve(entryPoint)),
);
for (const path of [resolve('src/cli.ts'), RUN]) parts.delete(path);
const { metafile } = await build({ ...command, plugins: [inOnePiece(parts)] });

// Each in one file of its own: threads start the sooner the fewer files they load, and share no pieces with the command.
// As CommonJS, because Node makes its loader of ES modules ready anew in each thread: 7 ms of 45.
const workers = await build({
  ...common,
  entryPoints: {
    'scan-worker': 'src/scan/scan-worker.ts',
    'index-worker': 'src/index-file/index-worker.ts',
  },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  banner: { js: "const __url = require('node:url').pathToFileURL(__filename).href;" },
  define: { ...command.define, 'import.meta.url': '__url' },
});

// Pieces of earlier builds.
const made = new Set(
  [...Object.keys(metafile.outputs), ...Object.keys(workers.metafile.outputs)].map((path) =>
    basename(path),
  ),
);
for (const file of readdirSync('dist')) {
  if (/\.c?js$/u.test(file) && !made.has(file)) rmSync(`dist/${file}`);
}
chmodSync('dist/ip2process.js', 0o755);
copyPlugins('dist');

// One file, which is its own worker. `.mjs`, because a package.json beside it would be taken for a definition.
const responder = 'dist/responders/Ip2Process';
await build({
  ...common,
  entryPoints: ['responder/main.ts'],
  outfile: `${responder}/ip2process.mjs`,
  define: define('./ip2process.mjs', '../../..'),
});
copyFileSync('responder/Ip2Process.json', `${responder}/Ip2Process.json`);
chmodSync(`${responder}/ip2process.mjs`, 0o755);
copyPlugins(responder);
