#!/usr/bin/env node
/**
 * The responder: a job of Cortex in, a report out, and always exit status 0, since Kubernetes starts a failed job again.
 * In a thread of its own the same file is the scan's worker: Cortex wants one file.
 */
import { isMainThread } from 'node:worker_threads';
import { isDiskFull, OutputFile, type Output } from './output.ts';

/** After SIGTERM: for removing temporary files, before the runner loses patience. */
const GRACE_MS = 1500;

if (isMainThread) await main(process.argv[2] ?? '/job');
else await import('../src/scan/scan-worker.ts');

async function main(jobFolder: string): Promise<void> {
  const output = new OutputFile(jobFolder);
  const stop = new AbortController();
  let isOver = false;

  process.on('uncaughtException', (error) => end(unforeseen(error)));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isOver) return;
      fail(`Stopped by ${signal} before the answer was there: its time limit, or an administrator`);
      stop.abort();
      setTimeout(() => process.exit(0), GRACE_MS);
    });
  }
  // Stands if the runner kills us: Cortex uses what is there. Why it cannot stand is said in the end.
  attempt({
    success: false,
    errorMessage:
      'Killed before the answer was there: by its time limit (raise "jobTimeout" of the responder) or its memory limit',
  });
  output.clean();
  try {
    // Loaded only now: the report above stands a moment after the start.
    const { runJob } = await import('./run-job.ts');
    tell(await runJob(jobFolder, output, stop.signal));
    process.exit(0);
  } catch (error) {
    end(unforeseen(error));
  }

  function end(message: string): void {
    fail(message);
    process.exit(0);
  }

  function fail(errorMessage: string): void {
    tell({ success: false, errorMessage });
  }

  /** The last word, once. */
  function tell(said: Output): void {
    if (isOver) return;
    isOver = true;
    const error = attempt(said);
    if (!error) return;
    const errorMessage = `${said.success ? '' : `${said.errorMessage}. `}${unwritable(error)}`;
    // Cortex takes what is printed where there is no report.
    if (attempt({ success: false, errorMessage })) {
      process.stdout.write(`${output.masked(`ip2process: ${errorMessage}`)}\n`);
    }
  }

  /** What kept it from being written; null: it stands. */
  function attempt(said: Output): unknown {
    try {
      output.write(said);
      return null;
    } catch (error) {
      return error;
    }
  }
}

// Declared, not assigned: `main` runs before the file ends.

function unwritable(error: unknown): string {
  return isDiskFull(error)
    ? "Cannot write the report: the disk of the job's folder is full; make room there and run again, what stands in the case is not written twice"
    : `Cannot write the report: ${messageOf(error)}; the job's folder must be writable for the user of the job`;
}

/** A fault of ours: said in one line, without a stack. */
function unforeseen(error: unknown): string {
  const kind = error instanceof Error ? error.name : typeof error;
  return `Unforeseen failure, please report it: ${kind}: ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
