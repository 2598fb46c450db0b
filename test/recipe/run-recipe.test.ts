import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import type { RecipeStep } from '../../src/recipe/recipe-step.ts';
import { runRecipe, type RunRecipeOptions } from '../../src/recipe/run-recipe.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ip2process run-recipe's-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LOOK = {
  path: 'm',
  format: 'raw',
  container: null,
  isPhysical: true,
  isPlain: true,
  system: null,
} as const;

async function run(
  steps: readonly (Partial<RecipeStep> & { readonly command: string })[],
  more: Partial<RunRecipeOptions> = {},
) {
  const said: string[] = [];
  const recipe = {
    indicator: parseIndicator('203.0.113.7'),
    look: LOOK,
    parts: [
      {
        title: 'all',
        steps: steps.map((step) => ({ does: 'Does it.', wrong: [], programs: [], ...step })),
      },
    ],
  };
  const result = await runRecipe(recipe, {
    folder,
    self: [process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))'],
    path: process.env['PATH'] ?? '',
    timeoutMs: 60_000,
    mostLines: 5,
    say: (line) => said.push(line),
    ...more,
  });
  return { ...result, said };
}

test('commands run one after the other in the folder; output and errors are shown', async () => {
  const { done, gaps, said } = await run([
    { command: 'echo one > file; echo oops >&2' },
    { command: 'cat file' },
  ]);
  expect({ done, gaps }).toEqual({ done: 2, gaps: [] });
  expect(said).toEqual(
    expect.arrayContaining(['[1 of 2] Does it.', '  $ cat file', '  oops', '  one']),
  );
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('one\n');
});

test('a command that fails is told, and the others run', async () => {
  const { gaps, said } = await run([{ command: 'false | cat' }, { command: 'echo after' }]);
  expect(gaps).toEqual(['command 1 of 2: it failed with exit status 1']);
  expect(said).toContain('  after');
});

test('nothing found is no failure', async () => {
  const { gaps } = await run([{ command: 'grep x /dev/null', quietStatus: 1 }]);
  expect(gaps).toEqual([]);
});

test('a missing program is named with how to get it, and what needs it is left out', async () => {
  const { gaps, said } = await run(
    [
      { command: 'echo ran', programs: ['strings'] },
      { command: 'echo ran', programs: ['vol'] },
    ],
    { path: folder },
  );
  expect(gaps).toEqual([
    expect.stringContaining('"strings" is missing (apt-get install binutils)'),
    expect.stringContaining('"vol" is missing (npm run setup:volatility3'),
  ]);
  expect(said).not.toContain('  ran');
});

test('this program stands in for itself', async () => {
  const { said } = await run([{ command: `ip2process recipe 'a b'`, programs: ['ip2process'] }]);
  expect(said).toContain('  ["recipe","a b"]');
});

test('output is bounded, and none of it reaches the terminal as a command', async () => {
  const { said } = await run([{ command: String.raw`printf '\033[2J\tb\n'; seq 1000` }]);
  expect(said).toContain(String.raw`  \x1b[2J  b`);
  expect(said).toContain('  4');
  expect(said).not.toContain('  5');
  expect(said).toContain('  … 996 more lines');
});

/** Leaves the number of what it starts. */
const SLOW = 'sleep 600 & echo $! > number; mv number started; wait';

/** What was started is no more, in the end. */
async function whenEnded(): Promise<void> {
  const pid = Number(readFileSync(join(folder, 'started'), 'utf8'));
  expect(pid).toBeGreaterThan(0);
  while (isAlive(pid)) await wait(10);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie answers to signal 0, too.
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !readFileSync(stat, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

test('a command that takes too long is ended, with all that it started', async () => {
  const { gaps } = await run([{ command: SLOW }], { timeoutMs: 2000 });
  expect(gaps).toEqual([expect.stringMatching(/took longer than 2 seconds/)]);
  await whenEnded();
});

test('a stop ends what runs and what it started', async () => {
  const stop = new AbortController();
  const running = run([{ command: SLOW }, { command: 'touch next' }], { signal: stop.signal });
  const refused = expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  while (!existsSync(join(folder, 'started'))) await wait(10);
  stop.abort();
  await refused;
  await whenEnded();
  expect(existsSync(join(folder, 'next'))).toBe(false);
});
