// Compiles matcher.ts of this folder and prints ../matcher-binary.ts. Run by hand after a change; a test holds the two
// together: `npx tsx src/scan/assembly/compile-matcher.ts > matcher-binary.ts`, then move the file to src/scan.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const SOURCES = new Set(['matcher.ts', 'find-windows.ts']);
const OPTIONS = '-O3 --noAssert --runtime stub --importMemory --enable simd';

let binary: string | Uint8Array = '';
const { error } = await asc.main(
  ['matcher.ts', ...OPTIONS.split(' '), '--outFile', 'matcher.wasm'],
  {
    readFile: (name) =>
      SOURCES.has(name) ? readFileSync(new URL(name, import.meta.url), 'utf8') : null,
    writeFile: (name, contents) => {
      if (name === 'matcher.wasm') binary = contents;
    },
    listFiles: () => [],
  },
);
if (error) throw error;

const text = Buffer.from(binary).toString('base64');
const lines = (text.match(/.{1,100}/gu) ?? []).map((line) => `  '${line}'`);
process.stdout.write(
  `/** WebAssembly of assembly/matcher.ts, base64. Printed by assembly/compile-matcher.ts: do not edit. */
// prettier-ignore
export const MATCHER_BINARY =
${lines.join(' +\n')};
`,
);
