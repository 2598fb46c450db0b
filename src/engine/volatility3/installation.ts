import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

declare const IP2PROCESS_ROOT: string | undefined;
declare const IP2PROCESS_VOLATILITY3_PLUGINS: string | undefined;

/** Of the checkout or the installed package, seen from this file or from the bundle that it is in. */
const ROOT = typeof IP2PROCESS_ROOT === 'string' ? IP2PROCESS_ROOT : '../../..';
const PLUGINS =
  typeof IP2PROCESS_VOLATILITY3_PLUGINS === 'string' ? IP2PROCESS_VOLATILITY3_PLUGINS : './plugin';

/** Folder of our own plugins. */
export const pluginFolder = (): string => fileURLToPath(new URL(PLUGINS, import.meta.url));

/**
 * Where Volatility 3 is: the one that `npm run setup:volatility3` made in the checkout, one in the user's folder for
 * programs' data, else `vol` where the shell finds it.
 */
export function volatility3Command(
  root = fileURLToPath(new URL(ROOT, import.meta.url)),
  home = homedir(),
): string {
  const made = [
    join(root, '.volatility3/bin/vol'),
    join(home, '.local/share/ip2process/volatility3/bin/vol'),
  ];
  return made.find((path) => existsSync(path)) ?? 'vol';
}

/** What it knows about symbol files is kept there between runs: without, each run reads all of them again. */
export const volatility3Cache = (home = homedir()): string =>
  join(home, '.cache/ip2process/volatility3');
