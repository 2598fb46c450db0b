import { readFileSync } from 'node:fs';
import { Ip2ProcessError } from '../errors.ts';

/**
 * The text of a file that the user named.
 *
 * @param failure makes the sentence of a failure, from its code, like `ENOENT`
 * @param from what is read in the file's place: 0 is stdin
 * @throws Ip2ProcessError kind 'system'
 */
export function textOfFile(
  path: string,
  failure: (code: string) => string,
  from: string | 0 = path,
): string {
  try {
    return readFileSync(from, 'utf8');
  } catch (error) {
    const isCoded = typeof error === 'object' && error && 'code' in error;
    const code = isCoded ? String(error.code) : 'unknown error';
    throw new Ip2ProcessError('system', failure(code), { path });
  }
}
