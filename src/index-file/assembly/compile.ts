// Compiles signer.ts or asker.ts of this folder and prints ../signer-binary.ts or ../asker-binary.ts. Run by hand after a
// change; a test holds them together: `npx tsx src/index-file/assembly/compile.ts signer > signer-binary.ts`, then move the
// file to src/index-file.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const [name = 'signer'] = process.argv.slice(2);
const SOURCE = new URL(`./${name}.ts`, import.meta.url);
const OPTIONS = '-O3 --noAssert --runtime stub --importMemory --enable simd';

let binary: string | Uint8Array = '';
const { error } = await asc.main([`${name}.ts`, ...OPTIONS.split(' '), '--outFile', 'out.wasm'], {
  readFile: (file) => (file === `${name}.ts` ? readFileSync(SOURCE, 'utf8') : null),
  writeFile: (file, contents) => {
    if (file === 'out.wasm') binary = contents;
  },
  listFiles: () => [],
});
if (error) throw error;

const text = Buffer.from(binary).toString('base64');
const lines = (text.match(/.{1,100}/gu) ?? []).map((line) => `  '${line}'`);
process.stdout.write(
  `/** WebAssembly of assembly/${name}.ts, base64. Printed by assembly/compile.ts: do not edit. */
// prettier-ignore
export const ${name.toUpperCase()}_BINARY =
${lines.join(' +\n')};
`,
);
