import { existsSync } from 'node:fs';
import { test } from '@jest/globals';
import { fromRoot } from './from-root.ts';
import { isProgram } from './programs.ts';

/** Like jest's `test`, for a test that needs something this machine may lack. */
export interface RequiringTest {
  (name: string, body: () => void | Promise<void>, timeoutMs?: number): void;
  /** Whether the needed things are all here: for a `beforeAll` that prepares them. */
  readonly isPresent: boolean;
}

export { fromRoot };

/**
 * `test` where `thing` is here; otherwise a skipped test whose name says what is missing and how to get it. With
 * IP2PROCESS_REQUIRE_ALL=1 a missing program fails the test instead, so that a machine meant to run all of them does; a
 * missing path (images and tables that are no part of the project) stays a skip.
 *
 * @param thing a path (has a `/`; relative to the root of the repository) or the name of a program
 * @param install how to get it, in one line: "apt-get install zstd"
 */
export function requires(thing: string, install: string): RequiringTest {
  const isPresent = thing.includes('/') ? existsSync(fromRoot(thing)) : isProgram(thing);
  const complaint = `needs ${thing}: ${install}`;

  const run = (name: string, body: () => void | Promise<void>, timeoutMs?: number): void => {
    if (isPresent) test(name, body, timeoutMs);
    else if (process.env['IP2PROCESS_REQUIRE_ALL'] === '1' && !thing.includes('/')) {
      test(name, () => {
        throw new Error(`Cannot run "${name}": it ${complaint}`);
      });
    } else test.skip(`${name} [${complaint}]`, body, timeoutMs);
  };
  return Object.assign(run, { isPresent });
}
