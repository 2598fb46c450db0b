#!/usr/bin/env node
/**
 * The responder: a job of Cortex in, a report out, and always exit status 0, since Kubernetes starts a failed job again.
 * In a thread of its own the same file is the scan's worker: Cortex wants one file.
 */
import { isMainThread } from 'node:worker_threads';
import { OutputFile } from './output.ts';

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
      isOver = true;
      stop.abort();
      setTimeout(() => process.exit(0), GRACE_MS);
    });
  }
  // Stands if the runner kills us: Cortex uses what is there.
  fail(
    'Killed before the answer was there: by its time limit (raise "jobTimeout" of the responder) or its memory limit',
  );
  output.clean();
  try {
    // Loaded only now: the report above stands a moment after the start.
    const { runJob } = await import('./run-job.ts');
    const result = await runJob(jobFolder, output, stop.signal);
    if (!isOver) output.write(result);
    isOver = true;
    process.exit(0);
  } catch (error) {
    end(unforeseen(error));
  }

  function end(message: string): void {
    fail(message);
    process.exit(0);
  }

  function fail(errorMessage: string): void {
    if (isOver) return;
    try {
      output.write({ success: false, errorMessage });
    } catch (error) {
      // Cortex takes what is printed where there is no report.
      const why = error instanceof Error ? error.message : String(error);
      process.stdout.write(`${output.masked(`ip2process: ${errorMessage} (${why})`)}\n`);
    }
  }
}

/** A fault of ours: said in one line, without a stack. */
const unforeseen = (error: unknown): string =>
  `Unforeseen failure, please report it: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
