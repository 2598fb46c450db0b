import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fromRoot } from '../support/from-root.ts';

/** The processors and the memory that were measured on. */
export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;

/** What a figure holds under: asked when all is measured. */
export const conditions = () => ({
  machine: machine(),
  node: process.version,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: fromRoot('.') })
    .toString()
    .trim(),
  loadAtEnd: readFileSync('/proc/loadavg', 'utf8').trim(),
});
