/** The command: arguments → request → pipeline → report. The only place that reads the environment or exits. */
import { inspect } from 'node:util';
import { helpText } from './cli/options.ts';
import { VERSION } from './version.ts';

const EXIT = { found: 0, 'not-found': 1, partial: 2, failed: 3, interrupted: 130 } as const;

// Until it has ended: where nothing is left to wait for before, 0 would be an answer.
process.exitCode = EXIT.failed;
// Not awaited here: the build makes CommonJS of it.
void main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  // Node would end with 1, which is an answer too.
  (bug: unknown) => {
    process.stderr.write(`${inspect(bug)}\n`);
    process.exit(EXIT.failed);
  },
);

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  const isHelp = argv.includes('--help') || argv.includes('-h');
  // Each is loaded only where it is asked for: the help needs none of them, and is there in a tenth of a second.
  if (name === 'case') {
    const { CASE_HELP, caseCommand } = await import('./cli/case-command.ts');
    return isHelp ? shown(CASE_HELP) : EXIT[await caseCommand(rest, process.env)];
  }
  if (name === 'recipe') {
    const { RECIPE_HELP, recipeCommand } = await import('./cli/recipe-command.ts');
    return isHelp ? shown(RECIPE_HELP) : EXIT[await recipeCommand(rest, process.env)];
  }
  if (isHelp) return shown(helpText());
  if (argv.includes('--version') || argv.includes('-V')) return shown(`ip2process ${VERSION}\n`);
  const { runCommand } = await import('./cli/run-command.ts');
  return EXIT[await runCommand(argv, process.env)];
}

function shown(text: string): number {
  process.stdout.write(text);
  return EXIT.found;
}
