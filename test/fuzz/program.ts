import { join } from 'node:path';
import { build } from 'esbuild';
import { fromRoot } from '../support/from-root.ts';

/**
 * Bundles `child.ts` with the program that it runs into one file of a folder: it starts at once, whatever is edited
 * meanwhile, and runs some tenths faster than through a loader.
 *
 * @returns the file
 */
export async function childProgram(folder: string): Promise<string> {
  const outfile = join(folder, 'child.mjs');
  await build({
    entryPoints: [fromRoot('test/fuzz/child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Faults are told by their places in src/.
    sourcemap: 'inline',
    sourcesContent: false,
    // Bundled CommonJS packages ask for `require` of Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return outfile;
}
