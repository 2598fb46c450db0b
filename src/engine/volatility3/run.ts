import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { Ip2ProcessError } from '../../errors.ts';
import { type ChildLimits, runChild } from './child.ts';
import { failureOf, PINNED_VERSION, versionIn } from './failure.ts';

/** How Volatility 3 is called, whatever is asked. */
export interface Volatility3 {
  /** Path of `vol`, or its name where it is found by itself. */
  readonly command: string;
  /** Folder with `windows/PDB/GUID-AGE.json.xz` and `linux/*.json.xz`; null: what comes with Volatility. */
  readonly symbols?: string | null;
  /** Where it keeps what it knows about symbol files; without: a folder for this run only. */
  readonly cache?: string;
  /** Where that folder is made; default: the system's for temporary files. */
  readonly scratch?: string;
  /** Let it download symbols of the Windows kernel from Microsoft; else it stays offline. */
  readonly allowsDownload?: boolean;
  readonly limits?: Partial<ChildLimits>;
}

/** One plugin on one image. */
export interface Volatility3Run {
  /** Like "windows.pslist". */
  readonly plugin: string;
  readonly args?: readonly string[];
  /** Path of the image, or the descriptor of an open file. */
  readonly image: string | number;
  /** The kernel's name, where it is known: for a failure's sentence. */
  readonly kernel?: string | null;
  /** Folder of further plugins. */
  readonly plugins?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Volatility3Answer<Row> {
  readonly rows: readonly Row[];
  /** As it names itself. */
  readonly version: string | null;
  readonly warnings: readonly string[];
}

const LIMITS: ChildLimits = {
  timeMs: 30 * 60_000,
  memoryBytes: 4 * 2 ** 30,
  outputBytes: 2 ** 30,
};

/** The arguments of one run, so that they can be shown as well as used. */
export function argumentsOf(volatility: Volatility3, run: Volatility3Run, cache: string): string[] {
  const { symbols, allowsDownload } = volatility;
  return [
    ...(allowsDownload === true ? [] : ['--offline']),
    // prettier-ignore
    '-q',
    '-r',
    'jsonl',
    '--cache-path',
    cache,
    ...(run.plugins === undefined ? [] : ['--plugin-dirs', run.plugins]),
    ...(symbols == null ? [] : ['--symbol-dirs', symbols]),
    '-f',
    typeof run.image === 'string' ? run.image : '/dev/fd/3',
    run.plugin,
    ...(run.args ?? []),
  ];
}

/**
 * Runs a plugin as a child process and takes its rows through its own JSON renderer (one object a line).
 *
 * @throws Ip2ProcessError `system` (not installed, a limit), `analysis` (no symbols, no such kernel) or `cancelled`
 */
export async function runVolatility3<Row>(
  volatility: Volatility3,
  run: Volatility3Run,
  row: z.ZodType<Row>,
): Promise<Volatility3Answer<Row>> {
  const limits = { ...LIMITS, ...volatility.limits };
  const kept = keptCache(volatility.cache);
  const cache =
    kept ?? mkdtempSync(join(volatility.scratch ?? tmpdir(), 'ip2process-volatility3-'));
  try {
    const rows: Row[] = [];
    const end = await runChild({
      command: volatility.command,
      args: argumentsOf(volatility, run, cache),
      cache,
      fd: typeof run.image === 'number' ? run.image : null,
      limits,
      signal: run.signal,
      onLine: (line) => {
        if (line.startsWith('{')) rows.push(parsed(line, row, run.plugin));
      },
    });
    if (end.code !== 0) {
      const { command, symbols = null } = volatility;
      const { memoryBytes } = limits;
      throw failureOf(
        { command, plugin: run.plugin, symbols, memoryBytes, kernel: run.kernel },
        end,
      );
    }
    const version = versionIn(end.stderr);
    return { rows, version, warnings: version === PINNED_VERSION ? [] : [otherVersion(version)] };
  } finally {
    if (kept === null) rmSync(cache, { recursive: true, force: true });
  }
}

/** Made here, for Volatility does not; null where that cannot be: then a folder for this run does. */
function keptCache(folder: string | undefined): string | null {
  if (folder === undefined) return null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return null;
  }
}

function parsed<Row>(line: string, row: z.ZodType<Row>, plugin: string): Row {
  try {
    return row.parse(JSON.parse(line));
  } catch (cause) {
    throw new Ip2ProcessError(
      'system',
      `Cannot read what ${plugin} of Volatility 3 said: a row is not what ${PINNED_VERSION} writes`,
      { plugin },
      { cause },
    );
  }
}

const otherVersion = (version: string | null): string =>
  `Volatility 3 is ${version === null ? 'of an unknown version' : version}, tested is ${PINNED_VERSION}: what it says may differ; "npm run setup:volatility3" installs that one.`;
