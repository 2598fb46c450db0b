import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../from-root.ts';
import { commandOf, type Runner } from './commands.ts';
import { extractReport, type CortexReport } from './extract-report.ts';
import { JobFolder, type JobInput } from './job-folder.ts';
import { judge, type Expectation, type Fault } from './judge.ts';
import { UsedResources } from './used-resources.ts';

export interface Worker {
  /** Built folder with the definition: dist/responders/Ip2Process. */
  readonly worker: string;
  /** Of the definition. */
  readonly command: string;
}

/** The worker that `npm run build` makes. */
export const BUILT: Worker = {
  worker: fromRoot('dist/responders/Ip2Process'),
  command: 'Ip2Process/ip2process.mjs',
};

export interface RunRequest {
  readonly worker: Worker;
  readonly input: JobInput;
  readonly runner?: Runner;
  /** Instead of the input's JSON; null: none. */
  readonly inputText?: string | null;
  readonly expected: Expectation;
  /** Sent when it says so: a signal ends the job as its runner would. */
  readonly interrupt?: (started: {
    readonly kill: (signal: NodeJS.Signals) => void;
    readonly job: string;
    /** The job's folder as the worker sees it, where that has disks of its own. */
    readonly inside: string;
  }) => void | Promise<void>;
}

export interface RunResult {
  /** What Cortex stores. */
  readonly report: CortexReport;
  /** What R1 to R12 have against it. */
  readonly faults: readonly Fault[];
  readonly output: string | null;
  /** Pods that Kubernetes started; 1 for the others. */
  readonly starts: number;
  readonly exitCode: number | null;
  readonly printed: string;
  /** From the signal that `interrupt` sent to the end; 0 without one. */
  readonly millisecondsAfterSignal: number;
  readonly used: UsedResources;
}

/** Kubernetes' own limit, as Cortex sets none. */
const MOST_RESTARTS = 6;

/** Runs a built worker as Cortex would, watches what it does, and reads what it leaves as Cortex reads it. */
export async function runAsCortex(request: RunRequest): Promise<RunResult> {
  const { input, expected, worker } = request;
  const runner = request.runner ?? { kind: 'process' };
  const job = new JobFolder(input, request.inputText);
  if (runner.uid && !runner.isForeign) job.belongTo(runner.uid);
  try {
    let [starts, ran] = [0, null as Awaited<ReturnType<typeof start>> | null];
    do {
      starts += 1;
      ran = await start(starts === 1 ? request.interrupt : undefined);
    } while (runner.kind === 'kubernetes' && ran.code !== 0 && starts <= MOST_RESTARTS);
    const output = bytesOf(job);
    const printed = `${ran.stdout}${ran.stderr}`;
    const text = output ? Buffer.from(output).toString('utf8') : null;
    return {
      report: extractReport(text, printed),
      faults: judge({ ...ran, output, files: readdirSync(join(job.path, 'output')) }, expected),
      output: text,
      starts,
      exitCode: ran.exitCode,
      printed,
      millisecondsAfterSignal: ran.millisecondsAfterSignal,
      used: ran.used,
    };
  } finally {
    job.remove();
  }

  async function start(interrupt: RunRequest['interrupt']) {
    const { program, args, cwd, env } = commandOf(runner, worker, job.path);
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr, tornReadings] = ['', '', 0];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const used = new UsedResources(child.pid ?? 0);
    const watch = setInterval(() => {
      tornReadings += isTorn(job) ? 1 : 0;
      used.look();
    }, 2);
    const ended = new Promise<number | null>((done) => {
      child.on('error', (error) => {
        stderr += error.message;
        done(null);
      });
      child.on('close', (code) => done(code));
    });
    let signalled = Infinity;
    let wasKilled = false;
    const kill = (signal: NodeJS.Signals): void => {
      signalled = performance.now();
      wasKilled = signal === 'SIGKILL';
      child.kill(signal);
    };
    await interrupt?.({ kill, job: job.path, inside: `/proc/${child.pid}/root${job.path}` });
    const code = await ended;
    // Nobody exits by himself from that.
    const exitCode = wasKilled ? 0 : code;
    clearInterval(watch);
    const millisecondsAfterSignal = Math.max(0, performance.now() - signalled);
    return { stdout, stderr, tornReadings, code, exitCode, millisecondsAfterSignal, used };
  }
}

function bytesOf(job: JobFolder): Uint8Array | null {
  try {
    return readFileSync(join(job.path, 'output', 'output.json'));
  } catch {
    return null;
  }
}

/** R6: each reading is nothing or a whole report. */
function isTorn(job: JobFolder): boolean {
  const bytes = bytesOf(job);
  if (!bytes) return false;
  try {
    JSON.parse(Buffer.from(bytes).toString('utf8'));
    return false;
  } catch {
    return true;
  }
}
