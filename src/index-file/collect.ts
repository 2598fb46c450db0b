import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Ip2ProcessError } from '../errors.ts';
import type { StoredRun } from '../image/stored-memory.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { ScanState } from '../scan/scan-state.ts';
import { type Collected, Collector } from './collector.ts';
import { PagePlan } from './page-plan.ts';

/** What a worker is started with. */
export interface CollectStart {
  readonly fd: number;
  readonly size: number;
  readonly layout: readonly StoredRun[] | null;
  readonly indexFd: number;
  /** Buffer of the `ScanState`. */
  readonly state: SharedArrayBuffer;
  /** One number: where the index file ends by now. */
  readonly end: SharedArrayBuffer;
}

export interface CollectInput {
  readonly source: ByteSource;
  readonly memory: PhysicalMemory;
  readonly layout?: readonly StoredRun[] | null;
}

export interface CollectOptions {
  readonly threads: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Signs all pages of an image into an open index file, from byte `start` on.
 *
 * @returns what was written by all threads, and where the file ends
 * @throws Ip2ProcessError `cancelled`; `system` when the file cannot be written or a thread dies
 */
export async function collect(
  { source, memory, layout = null }: CollectInput,
  indexFd: number,
  start: number,
  { threads, onProgress, signal }: CollectOptions,
): Promise<Collected & { readonly end: number }> {
  const state = new ScanState();
  const end = new SharedArrayBuffer(8);
  const claim = claimer(end);
  claim(start);
  const total = memory.runs.reduce((sum, { length }) => sum + length, 0);
  const stop = (): void => state.stop();
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  const timer = onProgress && setInterval(() => onProgress(state.done, total), 100);
  try {
    const parts =
      source.fd === null || threads === 1
        ? [await collectHere(memory, indexFd, claim, state)]
        : await inThreads(
            { fd: source.fd, size: source.size, layout, indexFd, state: state.buffer, end },
            threads,
            state,
          );
    if (signal?.aborted === true) {
      throw new Ip2ProcessError('cancelled', 'Cannot finish the index: it was cancelled');
    }
    return {
      groups: parts.flatMap(({ groups }) => groups),
      edges: parts.flatMap(({ edges }) => edges),
      odd: parts.flatMap(({ odd }) => odd).toSorted(([one], [other]) => one - other),
      end: claim(0),
    };
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Shares a file out among threads: each call takes so many bytes at its end, and returns where they begin. */
export function claimer(buffer: SharedArrayBuffer): (bytes: number) => number {
  const words = new BigInt64Array(buffer);
  return (bytes) => Number(Atomics.add(words, 0, BigInt(bytes)));
}

/** How long a collection without threads keeps everybody else waiting. */
const TURN_MS = 20;

async function collectHere(
  memory: PhysicalMemory,
  fd: number,
  claim: (bytes: number) => number,
  state: ScanState,
): Promise<Collected> {
  const collector = new Collector(memory, new PagePlan(memory.runs), fd, claim);
  while (collector.collectFor(state, TURN_MS)) await turn();
  return collector.finish();
}

/** Ends when all have ended: none writes to the file any more. */
async function inThreads(
  start: CollectStart,
  threads: number,
  state: ScanState,
): Promise<Collected[]> {
  const parts = await Promise.allSettled(
    Array.from({ length: threads }, () =>
      run(start).catch((error: unknown) => {
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

function run(start: CollectStart): Promise<Collected> {
  const worker = new Worker(entry, { workerData: start });
  return new Promise((resolve, reject) => {
    let part: Collected | null = null;
    let fault: Error | null = null;
    worker.on('message', (message: Collected) => {
      part = message;
    });
    worker.on('error', (error: Error) => {
      fault = error;
    });
    worker.on('exit', (code) => {
      if (part) resolve(part);
      else reject(died(fault?.message ?? `it ended with code ${code}`, fault));
    });
  });
}

declare const IP2PROCESS_INDEX_WORKER: string | undefined;

/** Where the worker's code lies: the build says which bundle beside ours that is. */
const file =
  typeof IP2PROCESS_INDEX_WORKER === 'string' ? IP2PROCESS_INDEX_WORKER : './source-worker.mjs';
const entry = new URL(file, import.meta.url);

const died = (why: string, cause: Error | null): Ip2ProcessError =>
  new Ip2ProcessError('system', `Cannot make the index: a thread stopped: ${why}`, {}, { cause });
