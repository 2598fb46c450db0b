import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { runChild } from '../engine/volatility3/child.ts';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';
import type { Recipe } from './recipe.ts';
import type { RecipeStep } from './recipe-step.ts';

export interface RunRecipeOptions {
  /** Where the commands work and write. */
  readonly folder: string;
  /** The command of this program itself: program and arguments. */
  readonly self: readonly string[];
  /** Folders in which programs are looked for, as in PATH. */
  readonly path: string;
  readonly timeoutMs: number;
  /** Lines of one command's output that are passed on. */
  readonly mostLines: number;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface RecipeRun {
  readonly done: number;
  /** What was not done, or failed: one sentence each. */
  readonly gaps: readonly string[];
}

/**
 * Runs the commands one by one. One that lacks a program or fails is told, and the others go on: each says something by itself.
 *
 * @throws Ip2ProcessError `cancelled`
 */
export async function runRecipe(recipe: Recipe, options: RunRecipeOptions): Promise<RecipeRun> {
  const { say } = options;
  const steps = recipe.parts.flatMap((part) => part.steps);
  const gaps: string[] = [];
  for (const [index, step] of steps.entries()) {
    const number = `${index + 1} of ${steps.length}`;
    say(`[${number}] ${forTerminal(step.does)}`);
    for (const fault of step.wrong) say(`  ! ${forTerminal(fault)}`);
    say(`  $ ${step.command}`);
    const gap = await gapOf(step, options);
    if (gap !== null) {
      say(`  ${gap}`);
      gaps.push(`command ${number}: ${gap}`);
    }
    say('');
  }
  return { done: steps.length - gaps.length, gaps };
}

/** Runs one; null where it did what it should, else what it did not. */
async function gapOf(step: RecipeStep, options: RunRecipeOptions): Promise<string | null> {
  const missing = step.programs.filter((name) => name !== 'ip2process' && !isThere(name, options));
  if (missing.length > 0) {
    return `not run: ${missing.map((name) => `"${forTerminal(name)}" is missing (${installLine(name)})`).join(', ')}`;
  }
  const { folder, self, timeoutMs, mostLines, say, signal } = options;
  let lines = 0;
  const onLine = (line: string): void => {
    lines += 1;
    if (lines <= mostLines) say(`  ${shown(line)}`);
  };
  try {
    const { code } = await runChild({
      command: 'bash',
      args: ['-c', WRAPPED, 'bash', folder, step.command, ...self],
      limits: { timeMs: timeoutMs, memoryBytes: MOST_MEMORY, outputBytes: MOST_OUTPUT },
      signal,
      onLine,
    });
    return code === 0 || code === step.quietStatus ? null : failed(code);
  } catch (error) {
    if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
    return error.message;
  } finally {
    if (lines > mostLines) say(`  … ${lines - mostLines} more lines`);
  }
}

/** $1 folder, $2 command; the rest is this program's own command, for the step that asks it. */
const WRAPPED = `cd -- "$1" || exit; exec 2>&1; command=$2; shift 2; self=("$@"); set -o pipefail
ip2process() { "\${self[@]}" "$@"; }
eval "$command"`;
/** Of address space, of which Node reserves more than any machine has: no limit in practice. */
const MOST_MEMORY = 2 ** 46;
const MOST_OUTPUT = 2 ** 30;

const failed = (code: number | null): string =>
  code === null ? 'it was ended by a signal' : `it failed with exit status ${code}`;

/** A table's row, whose fields are the attacker's. */
const shown = (line: string): string =>
  line
    .split('\t')
    .map((field) => forTerminal(field, 300))
    .join('  ');

function isThere(program: string, { path, folder }: RunRecipeOptions): boolean {
  const places = program.includes('/')
    ? [resolve(folder, program)]
    : path.split(delimiter).map((place) => join(place, program));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const PACKAGES: Readonly<Record<string, string>> = {
  strings: 'apt-get install binutils',
  zstd: 'apt-get install zstd',
  xz: 'apt-get install xz-utils',
  unzip: 'apt-get install unzip',
  pigz: 'apt-get install pigz',
  awk: 'apt-get install mawk',
};

const installLine = (program: string): string =>
  PACKAGES[program] ??
  (/(^|\/)vol(atility3?)?(\.py)?$/.test(program)
    ? 'npm run setup:volatility3, or pip install volatility3 yara-python'
    : `apt-get install ${program.replace(/[^a-z0-9+.-]/gi, '')}`);
