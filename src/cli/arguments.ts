import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';

/** Variables that the program was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The arguments by a table of options.
 *
 * @throws Ip2ProcessError kind 'request', as `refuse` words it: one sentence of what Node's parser says
 */
export function argumentsOf<const Options extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: Options,
  refuse = refusal,
) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw refuse(said.split('. ')[0] ?? '');
  }
}

/** Arguments with which nothing can begin. */
export const refusal = (why: string): Ip2ProcessError =>
  new Ip2ProcessError('request', `Cannot start: ${forTerminal(why, 200)}`);
