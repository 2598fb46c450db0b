import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from './arguments.ts';
import { inForeground, type Foreground } from './foreground.ts';
import { recipeRequest, type RecipeRequest } from './recipe-request.ts';
import { Ip2ProcessError } from '../errors.ts';
import { lookAtImage } from '../recipe/image-look.ts';
import { recipeOf } from '../recipe/recipe.ts';
import { runRecipe } from '../recipe/run-recipe.ts';
import { scriptOf } from '../recipe/script.ts';
import { stringsFileOf } from '../recipe/strings-file.ts';
import { forTerminal } from '../report/text-safety.ts';
import { writeAtomically } from '../write-atomically.ts';

export { RECIPE_HELP } from './recipe-request.ts';

/** One run of `ip2process recipe`. @returns the exit status by name */
export const recipeCommand = (
  argv: readonly string[],
  environment: Environment,
): Promise<'found' | 'partial' | 'failed' | 'interrupted'> =>
  inForeground(async (foreground) => {
    const asked = recipeRequest(argv);
    if (asked.stringsFile !== null) {
      await writeStrings(asked, asked.stringsFile, foreground);
      return 'found';
    }
    if (asked.runs) return run(asked, environment['PATH'] ?? '', foreground);
    process.stdout.write(
      scriptOf(recipeOf(asked.indicator, await lookAtImage(asked.image), asked)),
    );
    return 'found';
  });

async function writeStrings(
  asked: RecipeRequest,
  path: string,
  { signal, progress, say }: Foreground,
): Promise<void> {
  const { text, hits, notKept, warnings } = await stringsFileOf(asked.indicator, asked.image, {
    signal,
    ...(asked.scratch === null ? {} : { scratch: asked.scratch }),
    ...(asked.isQuiet
      ? {}
      : { onProgress: (done: number, total: number) => progress.update('scan', done, total) }),
  });
  progress.stop();
  writeAtomically(path, text);
  process.stdout.write(
    `${hits} hits with physical addresses in ${forTerminal(path)}${notKept > 0 ? `; ${notKept} more were not kept` : ''}\n`,
  );
  for (const warning of warnings) say('Note', warning);
}

/** More of a command's output than this nobody reads on a terminal; its files have all of it. */
const MOST_LINES = 200;

async function run(
  asked: RecipeRequest,
  path: string,
  { signal, say }: Foreground,
): Promise<'found' | 'partial'> {
  const look = await lookAtImage(resolve(asked.image));
  const { symbols, program, system, timeoutMs } = asked;
  const recipe = recipeOf(asked.indicator, look, {
    program: program.includes('/') ? resolve(program) : program,
    symbols: symbols === null ? null : resolve(symbols),
    system,
  });
  const folder = folderOf(asked.scratch);
  try {
    const { gaps } = await runRecipe(recipe, {
      folder,
      path,
      self: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
      timeoutMs,
      mostLines: MOST_LINES,
      say: (line) => process.stdout.write(`${line}\n`),
      signal,
    });
    if (asked.scratch !== null) process.stderr.write(`Files: ${forTerminal(folder)}\n`);
    for (const gap of gaps) say('Note', gap);
    return gaps.length === 0 ? 'found' : 'partial';
  } finally {
    if (asked.scratch === null) rmSync(folder, { recursive: true, force: true });
  }
}

function folderOf(scratch: string | null): string {
  try {
    if (scratch === null) return mkdtempSync(join(tmpdir(), 'ip2process-recipe-'));
    mkdirSync(scratch, { recursive: true });
    return resolve(scratch);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Ip2ProcessError('system', `Cannot make a folder for the recipe: ${reason}`);
  }
}
