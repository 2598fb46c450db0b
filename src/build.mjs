/**
 * Bundles into dist/: the command in parts, with the scan's worker beside it, and the responder as Cortex loads it. Takes
 * about a second, most of it V8's.
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { build, transform } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  loader: { '.wasm': 'binary' },
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
  // Only ES modules are split into parts; `required` turns these into CommonJS.
  format: 'esm',
  entryPoints: { command: 'src/cli.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  splitting: true,
  // Beside the command, where the scan looks for its worker.
  chunkNames: '[name]-[hash]',
  define: define('./scan-worker.cjs', '..'),
  write: false,
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

const apart = await build(command);
const parts = new Set(
  Object.values(apart.metafile.outputs).map(({ entryPoint = '' }) => resolve(entryPoint)),
);
for (const path of [resolve('src/cli.ts'), RUN]) parts.delete(path);
const split = await build({ ...command, plugins: [inOnePiece(parts)] });

const FILE_URL = "const __url = require('node:url').pathToFileURL(__filename).href;";
/** An imported name becomes one of the part's own: esbuild would ask the other part for it at each use. */
const ownNames = (text) =>
  text.replaceAll(
    /^import \{([^}]*)\} from ("\.\/[^"]+");$/gmu,
    (_, names, path) => `const {${names.replaceAll(' as ', ': ')}} = require(${path});`,
  );
const required = async ({ path, text }) => ({
  path,
  text: (
    await transform(ownNames(text), {
      format: 'cjs',
      platform: 'node',
      target: common.target,
      supported: { 'dynamic-import': false },
      banner: FILE_URL,
      define: { 'import.meta.url': '__url' },
    })
  ).code,
});

// Each in one file of its own: threads start the sooner the fewer files they load, and share no parts with the command.
const threads = await build({
  ...command,
  entryPoints: {
    'scan-thread': 'src/scan/scan-worker.ts',
    'index-thread': 'src/index-file/index-worker.ts',
    load: 'src/load.ts',
  },
  format: 'cjs',
  splitting: false,
  banner: { js: FILE_URL },
  define: { ...command.define, 'import.meta.url': '__url' },
});

/** What Node begins with. As CommonJS: it makes its loader of ES modules ready anew in each thread, 7 ms of 45. */
const start = (name, part) => ({
  path: resolve('dist', name),
  text: `#!/usr/bin/env node\nrequire('./load.cjs').load(require('node:path').join(__dirname, '${part}'));\n`,
});
const pieces = [...(await Promise.all(split.outputFiles.map(required))), ...threads.outputFiles];
const made = [
  ...pieces,
  start('ip2process.js', 'command.cjs'),
  start('scan-worker.cjs', 'scan-thread.cjs'),
  start('index-worker.cjs', 'index-thread.cjs'),
  { path: resolve('dist/package.json'), text: '{ "type": "commonjs" }\n' },
];
mkdirSync('dist', { recursive: true });
for (const { path, text } of made) writeFileSync(path, text);

const { compiledFile, scriptOf } = createRequire(import.meta.url)('../dist/load.cjs');
for (const { path } of pieces) {
  rmSync(compiledFile(path), { force: true });
  // All of it, and not only what a run would begin with.
  setFlagsFromString('--no-lazy');
  const script = scriptOf(path);
  // V8 takes only what was made under the flags that it runs with.
  setFlagsFromString('--lazy');
  // Whole or not at all, also where two build at once: V8 trusts what it gets.
  const written = `${compiledFile(path)}.${process.pid}`;
  writeFileSync(written, Buffer.concat([readFileSync(path), script.createCachedData()]));
  renameSync(written, compiledFile(path));
}

// Of earlier builds.
const kept = new Set(
  made.flatMap(({ path }) => [path, compiledFile(path)]).map((path) => basename(path)),
);
for (const file of readdirSync('dist')) {
  if (/\.(?:c?js|compiled(?:\.\d+)?)$/u.test(file) && !kept.has(file)) rmSync(`dist/${file}`);
}
chmodSync('dist/ip2process.js', 0o755);
copyPlugins('dist');

// One file, which is its own worker. `.mjs`, because a package.json beside it would be taken for a definition.
const responder = 'dist/responders/Ip2Process';
await build({
  ...common,
  format: 'esm',
  // Bundled CommonJS packages ask for `require` of Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  entryPoints: ['responder/main.ts'],
  outfile: `${responder}/ip2process.mjs`,
  define: define('./ip2process.mjs', '../../..'),
});
copyFileSync('responder/Ip2Process.json', `${responder}/Ip2Process.json`);
chmodSync(`${responder}/ip2process.mjs`, 0o755);
copyPlugins(responder);
