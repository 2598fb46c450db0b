import { availableParallelism } from 'node:os';
import { machineCode } from '../machine-code/machine-code.ts';
import { PAGE_BYTES } from '../memory/address.ts';
import type { MemoryRun } from '../memory/physical-memory.ts';
import type { ScanInput, ScanOptions } from '../scan/scan.ts';
import type { Edge, EdgeIndex } from '../scan/edge-index.ts';
import { tableOf } from '../scan/literal-table.ts';
import type { Search } from '../scan/search.ts';
import { Sieve } from '../scan/sieve.ts';
import type { PagePlan } from './page-plan.ts';

/** Node's pool has no more threads unless told. */
const MOST_THREADS = 4;
/** Read before they are looked at: they are still near the processor then. */
const BATCH_PAGES = 64;
/** What is shared out among threads: 64 MiB. */
const STRETCH_PAGES = 2 ** 14;

/** No page is half of anything here: those pages are told by the index. */
const noEdge = (edge: Edge): EdgeIndex => ({
  edge,
  literals: tableOf([]),
  near: new Uint8Array(),
  isNear: new Uint32Array(0x10000 / 32),
  isMore: new Uint32Array(),
  heads: new Uint32Array(),
  halves: new Uint32Array(),
});
const NO_EDGES = { head: noEdge('head'), tail: noEdge('tail') };

/** A look at pages by other threads, while this one does something else. */
export interface Confirmation {
  /** What `confirmed` would say; more where it was stopped. */
  pages(): Promise<Uint32Array>;
  /** Stops it, and waits until it has: the image's file is read until then. */
  stop(): Promise<void>;
}

/**
 * Begins a look at pages, as `confirmed`, by machine code.
 *
 * @returns null where it cannot: no machine code, or the image's file does not hold its memory as it is
 */
export function confirmListed(
  pages: Uint32Array,
  plan: PagePlan,
  { source, memory }: ScanInput,
  { sieve }: Search,
  { threads = availableParallelism(), signal }: ScanOptions,
): Confirmation | null {
  const { sievePages, sieveListed } = machineCode() ?? {};
  const { fd } = source;
  if (!sievePages || !sieveListed || !sieve || fd === null) return null;
  if (memory.runs.some(({ fileOffset }) => fileOffset === null)) return null;

  const sure = pages.slice();
  const stretches = memory.runs.flatMap((run) => stretchesOf(run, plan));
  const count = Math.min(Math.max(1, threads - 1), MOST_THREADS, stretches.length);
  const stopped = new Uint8Array(1);
  const stop = (): number => (stopped[0] = 1);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  // All of them before the first begins: what fails then leaves nobody who reads.
  const sieves = Array.from(
    { length: count },
    () => new Sieve(sievePages, sieve, NO_EDGES, BATCH_PAGES * PAGE_BYTES),
  );
  // Async: where one cannot begin, those that did are waited for.
  const parts = sieves.map(async (own, thread) => {
    const share = stretches.filter((_, number) => number % count === thread);
    await own.lookAtListed(sieveListed, fd, sure, new Float64Array(share.flat()), stopped);
  });
  const ended = Promise.allSettled(parts).then(() => signal?.removeEventListener('abort', stop));
  return {
    pages: async () => {
      await Promise.all(parts);
      return sure;
    },
    stop: () => {
      stop();
      return ended;
    },
  };
}

/** The whole pages of a run as `SieveListed` has them. */
function stretchesOf({ start, length, fileOffset }: MemoryRun, plan: PagePlan): number[][] {
  const from = Math.ceil(start / PAGE_BYTES) * PAGE_BYTES;
  const count = Math.floor((start + length - from) / PAGE_BYTES);
  if (count <= 0 || fileOffset === null) return [];
  const first = plan.numberAt(from);
  return Array.from({ length: Math.ceil(count / STRETCH_PAGES) }, (_, number) => {
    const page = number * STRETCH_PAGES;
    const until = first + Math.min(count, page + STRETCH_PAGES);
    return [first + page, until, fileOffset + from + page * PAGE_BYTES - start];
  });
}
