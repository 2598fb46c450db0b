import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Ip2ProcessError } from './errors.ts';

/** Writes a file whole or not at all: under another name in its folder first, then renamed. */
export function writeAtomically(path: string, text: string): void {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Ip2ProcessError(
      'system',
      `Cannot write the report "${path}": ${reason}`,
      { path },
      { cause: error },
    );
  }
}
