// Compiles signer.ts of this folder and prints ../signer-binary.ts. Run by hand after a change; a test holds the two
// together: `npx tsx src/index-file/assembly/compile-signer.ts > signer-binary.ts`, then move the file to src/index-file.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const SOURCE = new URL('./signer.ts', import.meta.url);
const OPTIONS = '-O3 --noAssert --runtime stub --importMemory --enable simd';

let binary: string | Uint8Array = '';
const { error } = await asc.main(['signer.ts', ...OPTIONS.split(' '), '--outFile', 'signer.wasm'], {
  readFile: (name) => (name === 'signer.ts' ? readFileSync(SOURCE, 'utf8') : null),
  writeFile: (name, contents) => {
    if (name === 'signer.wasm') binary = contents;
  },
  listFiles: () => [],
});
if (error) throw error;

const text = Buffer.from(binary).toString('base64');
const lines = (text.match(/.{1,100}/gu) ?? []).map((line) => `  '${line}'`);
process.stdout.write(
  `/** WebAssembly of assembly/signer.ts, base64. Printed by assembly/compile-signer.ts: do not edit. */
// prettier-ignore
export const SIGNER_BINARY =
${lines.join(' +\n')};
`,
);
