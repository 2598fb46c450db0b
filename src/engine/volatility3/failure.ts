import { Ip2ProcessError } from '../../errors.ts';
import type { ChildEnd } from './child.ts';

/** What was asked, for the sentence about why there is no answer. */
export interface Asked {
  readonly command: string;
  readonly plugin: string;
  readonly symbols: string | null;
  readonly memoryBytes: number;
  /** The kernel's name, where it is known otherwise. */
  readonly kernel?: string | null | undefined;
}

/** A run without an answer, as one sentence that says what to do. Knows what Volatility 3 2.28 prints. */
export function failureOf(asked: Asked, { code, stderr }: ChildEnd): Ip2ProcessError {
  const { command, plugin } = asked;
  if (code === 126 || code === 127) {
    return new Ip2ProcessError(
      'system',
      `Cannot run Volatility 3: "${command}" is not there or does not start; install it with "npm run setup:volatility3" or name its command with --volatility`,
      { command },
    );
  }
  if (stderr.includes('MemoryError')) {
    return new Ip2ProcessError(
      'system',
      `Cannot finish ${plugin} of Volatility 3: it needs more than its ${Math.round(asked.memoryBytes / 2 ** 20)} MiB of memory`,
      { plugin },
    );
  }
  if (/invalid choice/.test(stderr)) {
    return new Ip2ProcessError(
      'system',
      `Cannot run ${plugin}: this Volatility has no such plugin; it should be ${PINNED_VERSION}, which "npm run setup:volatility3" installs`,
      { plugin },
    );
  }
  return (
    withoutSymbols(asked, stderr) ??
    new Ip2ProcessError(
      'system',
      `Cannot get an answer of Volatility 3 from ${plugin}: ${reasonIn(stderr) ?? (code === null ? 'a signal ended it' : `it ended with status ${code}`)}`,
      { plugin },
    )
  );
}

/** The release that every statement of this project about Volatility 3 was tested with. */
export const PINNED_VERSION = '2.28.2';

/** "Volatility 3 Framework 2.28.2" stands at the head of what it prints beside the answer. */
export const versionIn = (stderr: string): string | null =>
  /Volatility 3 Framework ([\d.]{1,20})/.exec(stderr)?.[1] ?? null;

/**
 * Offline it stops where it would download the kernel's PDB file, whose address ends with NAME/GUID AGE/NAME. For a
 * Linux kernel it says nothing: without a matching table it does not even find the page tables.
 */
function withoutSymbols(
  { plugin, symbols, kernel }: Asked,
  stderr: string,
): Ip2ProcessError | null {
  if (!/symbol_table_name|layer_name/.test(stderr)) return null;
  const folder = symbols ?? 'SYMBOLS';
  const [, name, guid, age] =
    /unable to access \S{1,200}\/([\w.-]{1,64})\/([0-9A-Fa-f]{32})([0-9A-Fa-f]{1,8})\//.exec(
      stderr,
    ) ?? [];
  if (name !== undefined && guid !== undefined && age !== undefined) {
    const file = `${folder}/windows/${name}/${guid.toUpperCase()}-${Number.parseInt(age, 16)}.json.xz`;
    return new Ip2ProcessError(
      'analysis',
      `Cannot run ${plugin} of Volatility 3: it has no symbols of this kernel (${name}, GUID ${guid.toUpperCase()}, age ${age}); put them at ${file} and name that folder with --symbols`,
      { pdb: name, guid, age },
    );
  }
  if (!plugin.startsWith('linux.')) {
    return new Ip2ProcessError(
      'analysis',
      `Cannot run ${plugin} of Volatility 3: it finds no kernel of this system in the image`,
      { plugin },
    );
  }
  return new Ip2ProcessError(
    'analysis',
    `Cannot run ${plugin} of Volatility 3: it has no symbols of this kernel${kernel == null ? '' : ` (${kernel})`}; make them with dwarf2json from its debug package, put them into ${folder}/linux/ and name the folder ${folder} with --symbols`,
    { plugin },
  );
}

/** The last line of a Python traceback, or what the argument parser says. */
function reasonIn(stderr: string): string | null {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('Volatility 3 Framework'));
  return lines.at(-1)?.slice(0, 300) ?? null;
}
