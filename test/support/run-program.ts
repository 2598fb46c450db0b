import { execFile } from 'node:child_process';
import { fromRoot } from './from-root.ts';

/** What the built program said. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program in a folder while this process goes on, and may serve it. `env` is all of its environment but PATH. */
export const runProgram = (
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Ran> =>
  new Promise((done) => {
    const child = execFile(
      process.execPath,
      [fromRoot('dist/ip2process.js'), ...args],
      { cwd, env: { PATH: process.env['PATH'], ...env }, maxBuffer: 2 ** 26 },
      (_, stdout, stderr) => done({ status: child.exitCode, stdout, stderr }),
    );
  });
