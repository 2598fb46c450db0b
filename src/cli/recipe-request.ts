import { argumentsOf, refusal } from './arguments.ts';
import type { Indicator } from '../indicator/indicator.ts';
import { parseIndicator } from '../indicator/parse-indicator.ts';
import type { SystemName } from '../recipe/image-look.ts';

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

/** What the command line asks of a recipe. */
export interface RecipeRequest {
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

/** @throws Ip2ProcessError kind 'request' */
export function recipeRequest(argv: readonly string[]): RecipeRequest {
  const { values, positionals } = argumentsOf(argv, OPTIONS);
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

function systemOf(text: string | undefined): SystemName | null {
  if (text === undefined || text === 'windows' || text === 'linux') return text ?? null;
  throw refusal(`--system should be windows or linux, not "${text}"`);
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440) return minutes;
  throw refusal('--minutes should be a whole number from 1 to 1440');
}
