#!/usr/bin/env node
/** The command: arguments → request → pipeline → report. The only place that reads the environment or exits. */
import { helpText } from './cli/options.ts';
import { VERSION } from './version.ts';

const EXIT = { found: 0, 'not-found': 1, partial: 2, failed: 3, interrupted: 130 } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'case') {
    const { runCase } = await import('./cli/case-command.ts');
    return EXIT[await runCase(argv.slice(1), process.env)];
  }
  if (argv[0] === 'recipe') {
    const { runRecipeCommand } = await import('./cli/recipe-command.ts');
    return EXIT[await runRecipeCommand(argv.slice(1), process.env)];
  }
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(helpText());
    return 0;
  }
  if (argv.includes('--version') || argv.includes('-V')) {
    process.stdout.write(`ip2process ${VERSION}\n`);
    return 0;
  }
  // Loaded only now: the help needs none of it, and is there in a tenth of a second.
  const { runCommand } = await import('./cli/run-command.ts');
  return EXIT[await runCommand(argv, process.env)];
}
