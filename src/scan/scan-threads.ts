import { Worker } from 'node:worker_threads';
import { Ip2ProcessError } from '../errors.ts';
import type { StoredRun } from '../image/stored-memory.ts';
import type { ScanPart } from './block-scanner.ts';
import { ScanState } from './scan-state.ts';
import type { ScanTask } from './scan-task.ts';

/** What a worker is started with. */
export interface WorkerStart {
  readonly task: ScanTask;
  /** The open image file; file descriptors belong to the process, so a worker reads the same one. */
  readonly fd: number;
  readonly size: number;
  /** Where the memory lies in the file, when the file alone does not tell. */
  readonly layout: readonly StoredRun[] | null;
}

/**
 * Scans in so many workers, which share the work by taking the next block each. Ends when all have ended: none reads
 * from the file any more.
 *
 * @throws Ip2ProcessError `system` when a worker dies
 */
export async function scanInThreads(
  task: ScanTask,
  file: Omit<WorkerStart, 'task'>,
  threads: number,
): Promise<ScanPart[]> {
  const state = new ScanState(task.state);
  const parts = await Promise.allSettled(
    Array.from({ length: threads }, () =>
      run({ task, ...file }).catch((error: unknown) => {
        state.stop();
        throw error;
      }),
    ),
  );
  return parts.map((part) => {
    if (part.status === 'rejected') throw part.reason;
    return part.value;
  });
}

function run(start: WorkerStart): Promise<ScanPart> {
  const worker = new Worker(entry, { workerData: start });
  return new Promise((resolve, reject) => {
    let part: ScanPart | null = null;
    let fault: Error | null = null;
    worker.on('message', (message: ScanPart) => {
      part = message;
    });
    worker.on('error', (error: Error) => {
      fault = error;
    });
    // The last event: from here on it reads nothing.
    worker.on('exit', (code) => {
      if (part) resolve(part);
      else
        reject(
          died(fault?.message ?? `it ended with code ${code} before its work was done`, fault),
        );
    });
  });
}

declare const IP2PROCESS_SCAN_WORKER: string | undefined;

/** Where the worker's code lies: the build says which bundle beside ours that is, or ours itself. */
const file =
  typeof IP2PROCESS_SCAN_WORKER === 'string' ? IP2PROCESS_SCAN_WORKER : './source-worker.mjs';
const entry = new URL(file, import.meta.url);

const died = (why: string, cause: Error | null): Ip2ProcessError =>
  new Ip2ProcessError(
    'system',
    `Cannot scan the image: a scan thread stopped: ${why}`,
    {},
    { cause },
  );
