import { availableParallelism } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { Ip2ProcessError } from '../errors.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern } from '../indicator/pattern.ts';
import type { StoredRun } from '../image/stored-memory.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { FrameSet } from '../memory/frame-set.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { Anchor, AnchorHit } from './anchor.ts';
import { mergedAnchors } from './anchor-list.ts';
import { type ArrivingScan, continues, enlarged } from './arriving-scan.ts';
import { BlockPlan } from './block-plan.ts';
import { BlockScanner } from './block-scanner.ts';
import type { ScanPart, ScanTimes } from './scan-part.ts';
import type { Hit } from './hit.ts';
import { merged } from './hit-list.ts';
import { sampleOf } from './memory-sample.ts';
import { ScanState } from './scan-state.ts';
import type { ScanTask } from './scan-task.ts';
import { ScanThreads } from './scan-threads.ts';
import type { ProbeName } from './page-shape.ts';
import { BLOCK_BYTES, frameLimitOf, indexesFor, searchOf } from './search.ts';

export interface ScanInput {
  readonly source: ByteSource;
  readonly memory: PhysicalMemory;
  /** As in `MemoryImage`: for the threads, where the file alone does not tell where its memory lies. */
  readonly layout?: readonly StoredRun[] | null;
}

export interface ScanOptions {
  readonly anchors?: readonly Anchor[];
  /** Shapes to collect among the anchors, under their own names. */
  readonly probes?: readonly ProbeName[];
  /** Default: one per core, at most 8. */
  readonly threads?: number;
  /** Called at most ten times a second. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
  /** Hits kept in all, shared out evenly among the indicators; at most 100,000 of each. Default: 1,000,000. */
  readonly maxHits?: number;
  /** Bytes of a block of work, a multiple of the page size. Changes no result. */
  readonly blockBytes?: number;
}

export interface ScanResult {
  /** Ascending by address; at most one for each indicator and address. */
  readonly hits: readonly Hit[];
  /** Ascending by address. */
  readonly anchors: readonly AnchorHit[];
  /** Frames whose last bytes are a proper beginning of some pattern. */
  readonly tails: FrameSet;
  /** Frames whose first bytes are the proper end of some pattern. */
  readonly heads: FrameSet;
  /** Those of them where it is the larger part of the pattern, or as large as the rest: of every cut text one is. */
  readonly larger: FrameSet;
  readonly bytesSearched: number;
  /** Bytes that the image claims to hold and does not give. */
  readonly unreadableBytes: number;
  /** Per indicator: hits found but not kept. */
  readonly truncated: readonly number[];
  readonly warnings: readonly string[];
  /** Milliseconds of all threads together; absent where nothing was scanned. */
  readonly spent?: ScanTimes;
}

/**
 * One pass over everything the image holds, for all patterns and anchors at once.
 *
 * @param arriving what `scanArriving` did already, for the same patterns, indicators and options
 * @throws Ip2ProcessError `cancelled` when the signal says so; `system` when a thread dies
 */
export async function scan(
  { source, memory, layout = null }: ScanInput,
  patterns: readonly BytePattern[],
  indicators: readonly Indicator[],
  options: ScanOptions = {},
  arriving: ArrivingScan | null = null,
): Promise<ScanResult> {
  const before = arriving && continues(arriving.runs, memory.runs) ? arriving : null;
  const { blockBytes } = before?.search ?? { blockBytes: options.blockBytes ?? BLOCK_BYTES };
  const plan = new BlockPlan(memory.runs, blockBytes);
  const { limit: frameLimit, warnings } = frameLimitOf(memory.runs);
  const tails = enlarged(before?.tails ?? new FrameSet(0), frameLimit);
  const heads = enlarged(before?.heads ?? new FrameSet(0), frameLimit);
  const larger = enlarged(before?.larger ?? new FrameSet(0), frameLimit);

  const count = threadsFor(options.threads, plan.bytes - (before?.bytes ?? 0));
  const threads =
    source.fd === null || count === 1
      ? null
      : new ScanThreads({ fd: source.fd, size: source.size, layout }, count - 1);
  const search =
    before?.search ??
    (await readied(threads, patterns, indicators, options, indexesFor(sampleOf(memory))));
  const state = new ScanState();
  state.startAt(before?.blocks ?? 0);
  state.addDone(before?.bytes ?? 0);
  const task: ScanTask = {
    ...search,
    endBlock: plan.count,
    frameLimit,
    tails: tails.words.buffer,
    heads: heads.words.buffer,
    larger: larger.words.buffer,
    state: state.buffer,
  };

  const stopWatching = watch(state, plan.bytes, options);
  let rest: readonly ScanPart[];
  try {
    // This thread takes its share: it has begun before the others have started up.
    rest = await allOf([threads?.scan(task) ?? [], scanHere(task, memory, plan, state)], state);
  } finally {
    stopWatching();
  }
  if (options.signal?.aborted) throw cancelled(state.done, plan.bytes);
  options.onProgress?.(plan.bytes, plan.bytes);

  const parts = [...(before?.parts ?? []), ...rest];
  const unreadableBytes = parts.reduce((sum, part) => sum + part.unreadableBytes, 0);
  return {
    ...merged(
      parts.map(({ hits }) => hits),
      patterns,
      indicators.length,
      task.hitsPerIndicator,
    ),
    anchors: mergedAnchors(
      parts.map((part) => part.anchors),
      [...search.anchors, ...search.probes.map((name) => ({ name }))],
    ),
    tails,
    heads,
    larger,
    bytesSearched: plan.bytes - unreadableBytes,
    unreadableBytes,
    warnings,
    spent: sumOf(parts.map((part) => part.spent)),
  };
}

/** What all have found. Where one fails the others stop, and nobody reads from the file any more when this ends. */
async function allOf(
  scans: readonly (Promise<readonly ScanPart[]> | readonly ScanPart[])[],
  state: ScanState,
): Promise<ScanPart[]> {
  const parts = await Promise.allSettled(
    scans.map(async (scanning) => {
      try {
        return await scanning;
      } catch (error) {
        state.stop();
        throw error;
      }
    }),
  );
  return parts.flatMap((part) => {
    if (part.status === 'rejected') throw part.reason;
    return part.value;
  });
}

/** The search; where it cannot be, nobody waits for it. */
async function readied(threads: ScanThreads | null, ...sought: Parameters<typeof searchOf>) {
  try {
    return searchOf(...sought);
  } catch (error) {
    await threads?.close();
    throw error;
  }
}

const sumOf = (times: readonly ScanTimes[]): ScanTimes =>
  times.reduce(
    (sum, { read, match, pages }) => ({
      read: sum.read + read,
      match: sum.match + match,
      pages: sum.pages + pages,
    }),
    { read: 0, match: 0, pages: 0 },
  );

const THREADS_LIMIT = 8;
/** Less work than this for a thread is done sooner than the thread is started. */
const THREAD_BYTES = 128 * 2 ** 20;
/** How long this thread's share keeps everybody else in it waiting. */
const TURN_MS = 20;
const WATCH_MS = 100;

function threadsFor(wanted: number | undefined, bytes: number): number {
  if (wanted !== undefined) return Math.max(1, wanted);
  const useful = Math.ceil(bytes / THREAD_BYTES);
  return Math.max(1, Math.min(availableParallelism(), THREADS_LIMIT, useful));
}

/** Tells the progress and passes on the wish to stop, until called off. */
function watch(
  state: ScanState,
  totalBytes: number,
  { onProgress, signal }: ScanOptions,
): () => void {
  const stop = (): void => state.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  const timer = onProgress && setInterval(() => onProgress(state.done, totalBytes), WATCH_MS);
  return () => {
    clearInterval(timer);
    signal?.removeEventListener('abort', stop);
  };
}

/** Takes blocks in this thread; others get their turn in between. */
async function scanHere(
  task: ScanTask,
  memory: PhysicalMemory,
  plan: BlockPlan,
  state: ScanState,
): Promise<ScanPart[]> {
  const scanner = new BlockScanner(task, memory);
  for (let isMore = true; isMore; await turn()) {
    isMore = scanner.scanFor(plan, state, TURN_MS);
  }
  return [scanner.part];
}

const cancelled = (done: number, total: number): Ip2ProcessError =>
  new Ip2ProcessError(
    'cancelled',
    `Cannot finish the scan: it was cancelled after ${done} of ${total} bytes`,
    { done, total },
  );
