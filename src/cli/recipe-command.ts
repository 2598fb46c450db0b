import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Ip2ProcessError } from '../errors.ts';
import type { Indicator } from '../indicator/indicator.ts';
import { parseIndicator } from '../indicator/parse-indicator.ts';
import { progressBar } from './progress-bar.ts';
import { lookAtImage, type SystemName } from '../recipe/image-look.ts';
import { recipeOf } from '../recipe/recipe.ts';
import { runRecipe } from '../recipe/run-recipe.ts';
import { scriptOf } from '../recipe/script.ts';
import { stringsFileOf } from '../recipe/strings-file.ts';
import { forTerminal } from '../report/text-safety.ts';
import { writeAtomically } from '../write-atomically.ts';

const OPTIONS = {
  image: { type: 'string' },
  run: { type: 'boolean' },
  'strings-file': { type: 'string' },
  symbols: { type: 'string' },
  system: { type: 'string' },
  volatility: { type: 'string' },
  scratch: { type: 'string' },
  minutes: { type: 'string' },
  quiet: { type: 'boolean' },
} as const;

export const RECIPE_HELP = `Usage: ip2process recipe INDICATOR --image FILE [options]

Prints the known way by hand (strings, grep, Volatility 3) as commands for this image and indicator,
each under what it does and where it is wrong: to repeat an answer with other people's tools.

  --run               runs the commands one by one, and shows what they say
  --strings-file OUT  only writes our hits, by physical address, as windows.strings reads them
  --symbols FOLDER    symbol tables (ISF) for Volatility; it is kept off the network
  --system NAME       windows or linux, where a look at the image's first MiB does not tell
  --volatility VOL    its command (default: vol)
  --scratch FOLDER    --run works there and leaves its files (default: a temporary one)
  --minutes N         the longest that one command may take (default: 60)
  --quiet             no progress bar

Exit status: 0 done, 2 some command could not be run or failed, 3 failed, 130 interrupted.
`;

/** One run of `ip2process recipe`. @returns the exit status by name */
export async function runRecipeCommand(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<'found' | 'partial' | 'failed' | 'interrupted'> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(RECIPE_HELP);
    return 'found';
  }
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const asked = askedOf(argv);
    if (asked.stringsFile !== null) {
      await writeStrings(asked, asked.stringsFile, stop.signal);
      return 'found';
    }
    if (asked.runs) return await run(asked, environment['PATH'] ?? '', stop.signal);
    process.stdout.write(
      scriptOf(recipeOf(asked.indicator, await lookAtImage(asked.image), asked)),
    );
    return 'found';
  } catch (error) {
    if (!(error instanceof Ip2ProcessError)) throw error;
    process.stderr.write(`ip2process: ${forTerminal(error.message)}\n`);
    return error.kind === 'cancelled' ? 'interrupted' : 'failed';
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

interface Asked {
  readonly indicator: Indicator;
  readonly image: string;
  readonly runs: boolean;
  readonly stringsFile: string | null;
  readonly symbols: string | null;
  readonly system: SystemName | null;
  readonly program: string;
  readonly scratch: string | null;
  readonly timeoutMs: number;
  readonly isQuiet: boolean;
}

function askedOf(argv: readonly string[]): Asked {
  const { values, positionals } = parsed(argv);
  const [indicator, ...rest] = positionals;
  if (indicator === undefined || rest.length > 0) {
    throw refusal('one indicator should be named: the recipe looks for one at a time');
  }
  if (values.image === undefined || values.image === '') {
    throw refusal('no memory image given; use --image FILE');
  }
  return {
    indicator: parseIndicator(indicator),
    image: values.image,
    runs: values.run === true,
    stringsFile: values['strings-file'] ?? null,
    symbols: values.symbols ?? null,
    system: systemOf(values.system),
    program: values.volatility ?? 'vol',
    scratch: values.scratch ?? null,
    timeoutMs: minutesOf(values.minutes ?? '60') * 60_000,
    isQuiet: values.quiet === true,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw refusal(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

function systemOf(text: string | undefined): SystemName | null {
  if (text === undefined || text === 'windows' || text === 'linux') return text ?? null;
  throw refusal(`--system should be windows or linux, not "${text}"`);
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440) return minutes;
  throw refusal('--minutes should be a whole number from 1 to 1440');
}

const refusal = (why: string): Ip2ProcessError =>
  new Ip2ProcessError('request', `Cannot start: ${forTerminal(why, 200)}`);

async function writeStrings(asked: Asked, path: string, signal: AbortSignal): Promise<void> {
  const progress = progressBar(process.stderr);
  try {
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
    for (const warning of warnings) process.stderr.write(`Note: ${forTerminal(warning)}\n`);
  } finally {
    progress.stop();
  }
}

/** More of a command's output than this nobody reads on a terminal; its files have all of it. */
const MOST_LINES = 200;

async function run(asked: Asked, path: string, signal: AbortSignal): Promise<'found' | 'partial'> {
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
    for (const gap of gaps) process.stderr.write(`Note: ${gap}\n`);
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
