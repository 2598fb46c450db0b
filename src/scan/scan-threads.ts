import { Worker } from 'node:worker_threads';
import { Ip2ProcessError } from '../errors.ts';
import type { StoredRun } from '../image/stored-memory.ts';
import type { ScanPart } from './scan-part.ts';
import { ScanState } from './scan-state.ts';
import type { ScanTask } from './scan-task.ts';

/** What a worker is started with; its `ScanTask` follows as a message. */
export interface WorkerStart {
  /** The open image file; file descriptors belong to the process, so a worker reads the same one. */
  readonly fd: number;
  readonly size: number;
  /** Where the memory lies in the file, when the file alone does not tell. */
  readonly layout: readonly StoredRun[] | null;
}

/**
 * Workers, which share the work by taking the next block each. They start up while the caller still makes the task
 * ready: either takes some 50 ms.
 */
export class ScanThreads {
  private readonly workers: readonly Worker[];
  private readonly parts: readonly Promise<ScanPart>[];

  constructor(file: WorkerStart, threads: number) {
    this.workers = Array.from({ length: threads }, () => new Worker(entry, { workerData: file }));
    this.parts = this.workers.map(partOf);
    // Whoever dies before there is a task is heard of when there is one.
    for (const part of this.parts) part.catch(() => undefined);
  }

  /**
   * Once only. Ends when all have done their work or died: none reads from the file any more.
   *
   * @throws Ip2ProcessError `system` when a worker dies
   */
  async scan(task: ScanTask): Promise<ScanPart[]> {
    const state = new ScanState(task.state);
    for (const worker of this.workers) worker.postMessage(task, []);
    const parts = await Promise.allSettled(
      this.parts.map((part) =>
        part.catch((error: unknown) => {
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

  /** Where there is no task after all. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

function partOf(worker: Worker): Promise<ScanPart> {
  return new Promise((resolve, reject) => {
    let fault: Error | null = null;
    // The last thing that it does: nobody waits until the thread is taken down.
    worker.on('message', resolve);
    worker.on('error', (error: Error) => {
      fault = error;
    });
    worker.on('exit', (code) => {
      reject(died(fault?.message ?? `it ended with code ${code} before its work was done`, fault));
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
