/** The recipe as an analyst gets it: printed, and run with the real strings, grep and (where it is here) Volatility. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { RECIPE, recipeMachine } from '../support/build-windows/recipe-machine.ts';
import { SYMBOL_FOLDER, VOLATILITY } from '../support/build-windows/volatility.ts';
import { fromRoot, requires } from '../support/requires.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ip2process-recipe-');
const image = join(folder, "it's a $(touch pwned).raw");
beforeAll(() => recipeMachine().assemble().ram.toFile(image));

function recipe(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fromRoot('dist/ip2process.js'), 'recipe', ...args],
    { cwd: folder, encoding: 'utf8', timeout: 400_000 },
  );
  return { status, stdout, stderr };
}

const withStrings = requires('strings', 'apt-get install binutils');

withStrings('the printed commands find the 116 hits of the recipe', () => {
  const { status, stdout } = recipe(RECIPE.indicator, '--image', image);
  expect(status).toBe(0);
  const upToVolatility = stdout.split('# == Which process')[0] ?? '';
  const run = spawnSync('bash', { cwd: folder, input: upToVolatility, encoding: 'utf8' });

  expect(run.stderr).toBe('');
  expect(run.stdout.trim().split(/\s+/)).toEqual([String(RECIPE.hits), '0']);
});

withStrings('--run runs them; without Volatility it says what is missing and how to get it', () => {
  const { status, stdout, stderr } = recipe(
    RECIPE.indicator,
    '--image',
    image,
    '--run',
    '--volatility',
    './vol',
  );
  expect(status).toBe(2);
  expect(stdout).toContain(`\n  ${RECIPE.hits}\n`);
  expect(stderr).toContain('vol" is missing (npm run setup:volatility3');
});

const symbols = requires(SYMBOL_FOLDER, 'symbol tables (ISF) of the kernels');
const program = requires(VOLATILITY, 'npm run setup:volatility3; VOLATILITY=its command');
const withVolatility = symbols.isPresent ? program : symbols;

withVolatility(
  'with Volatility: none of the hits by the plugin as released, all 116 in PID 3008 by the corrected one',
  () => {
    const { stdout } = recipe(
      RECIPE.indicator,
      '--image',
      image,
      '--run',
      '--volatility',
      VOLATILITY,
      '--symbols',
      fromRoot(SYMBOL_FOLDER),
    );
    const owners = [...stdout.matchAll(/^ +(\d+ (?:Process \d+|FREE MEMORY))$/gm)].map(
      ([, owner]) => owner,
    );
    expect(owners).toEqual(['116 FREE MEMORY', '116 Process 3008']);
    expect(stdout).toMatch(/116 Process 3008, taskhostex\.exe|needs yara-python/);
    expect(stdout).toMatch(/3008 .*taskhostex\.exe/);
  },
  500_000,
);

describe('arguments', () => {
  test.each([
    [[], /one indicator should be named/],
    [['203.0.113.7'], /no memory image given/],
    [['203.0.113.7', 'b', '--image', 'x'], /one indicator/],
    [['203.0.113.7', '--image', 'none'], /Cannot open "none"/],
    [['203.0.113.7', '--image', 'x', '--system', 'mac'], /windows or linux/],
    [['203.0.113.7', '--image', 'x', '--minutes', '0'], /from 1 to 1440/],
    [['203.0.113.7', '--image', 'x', '--rnu'], /Unknown option '--rnu'/],
  ])('%j is refused in one sentence', (args, message) => {
    const { status, stderr } = recipe(...args);
    expect(status).toBe(3);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('the help names every option', () => {
    expect(recipe('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('--strings-file'),
    });
  });
});
