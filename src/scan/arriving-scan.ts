import { setImmediate as turn } from 'node:timers/promises';
import { containerOf } from '../image/container/unpack.ts';
import type { ImageMemory } from '../image/image-format.ts';
import { headOf, isPlausibleImage, memoryOf } from '../image/memory-of.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern } from '../indicator/pattern.ts';
import { PAGE_BYTES } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { FrameSet } from '../memory/frame-set.ts';
import type { GrowingSource } from '../memory/growing-source.ts';
import type { MemoryRun } from '../memory/physical-memory.ts';
import { ANCHOR_LIMIT } from './anchor-list.ts';
import { BlockPlan } from './block-plan.ts';
import type { ScanPart } from './scan-part.ts';
import { withoutFull } from './hit-list.ts';
import { frameLimitOf, indexesFor, searchOf, type Search } from './search.ts';
import { ScanState } from './scan-state.ts';
import { ScanThreads } from './scan-threads.ts';
import type { ScanOptions } from './scan.ts';

/** What was scanned of an image before all of it was there; `scan` goes on from here. */
export interface ArrivingScan {
  readonly search: Search;
  readonly parts: readonly ScanPart[];
  /** Blocks that are done, counted from the lowest address. */
  readonly blocks: number;
  /** Bytes of those blocks. */
  readonly bytes: number;
  /** Runs as they were known when the last of these blocks was scanned. */
  readonly runs: readonly MemoryRun[];
  readonly tails: FrameSet;
  readonly heads: FrameSet;
  readonly larger: FrameSet;
}

/**
 * Formats whose first bytes already say where they belong: the beginning of such a file is itself an image, whose memory
 * only grows at its upper end while the file grows. Where a file breaks that rule (segments out of order), `continues` sees it.
 */
const EARLY_FORMATS: ReadonlySet<string> = new Set(['raw', 'LiME', 'AVML', 'ELF core']);

export interface ArrivingOptions extends ScanOptions {
  /** New bytes that are waited for before they are scanned; changes no result. Default: 64 MiB, worth starting a thread. */
  readonly portionBytes?: number;
}

const PORTION_BYTES = 64 * 2 ** 20;
/** AVML's chunks are found by walking over all of them: so often that it costs nine walks in all, whatever the size. */
const PACKED_SHARE = 1 / 8;

/**
 * Scans an image while it arrives, and returns when all of it is there: with what was scanned meanwhile, or null where the format
 * does not allow it, which costs nothing but time.
 *
 * @throws whatever stops the arrival; Ip2ProcessError of kind 'image' as soon as the first bytes show that this is no image
 */
export async function scanArriving(
  source: GrowingSource,
  patterns: readonly BytePattern[],
  indicators: readonly Indicator[],
  options: ArrivingOptions = {},
): Promise<ArrivingScan | null> {
  if (source.fd === null) return rest(null);
  const { fd } = source;
  const { portionBytes = PORTION_BYTES, signal } = options;
  await arrivalOf(source, portionBytes, signal);
  if (source.available >= source.size) return null;
  refuseForeign(source);
  if (containerOf(source) !== null) return rest(null);

  const search = searchOf(patterns, indicators, options, indexesFor(null));
  let done: ArrivingScan | null = null;
  let step = portionBytes;
  for (let wanted = step; ; wanted = source.available + step) {
    await arrivalOf(source, wanted, signal);
    // Whoever writes the file gets his turn even where its bytes come faster than we scan.
    await turn();
    if (source.available >= source.size) return done;
    const size = source.available;
    const image = opened(prefixOf(source, size));
    if (image === null) continue;
    const { runs } = image.memory;
    if (!EARLY_FORMATS.has(image.format) || (done && !continues(done.runs, runs))) {
      return rest(null);
    }
    if (runs.some(({ fileOffset }) => fileOffset === null)) {
      step = Math.max(portionBytes, size * PACKED_SHARE);
    }
    done = await scanPortion(search, done, { fd, size, layout: null }, runs, options);
  }

  async function rest<Result>(result: Result): Promise<Result> {
    await arrivalOf(source, source.size, options.signal);
    return result;
  }
}

/** Whether memory that was known as `before` has only grown at its upper end: then every block below it is as it was. */
export function continues(before: readonly MemoryRun[], after: readonly MemoryRun[]): boolean {
  return before.every((run, index) => {
    const now = after[index];
    const isLast = index === before.length - 1;
    return (
      now !== undefined &&
      now.start === run.start &&
      now.fileOffset === run.fileOffset &&
      (isLast ? now.length >= run.length : now.length === run.length)
    );
  });
}

/** `set` with room for more frames. */
export function enlarged(set: FrameSet, limit: number): FrameSet {
  if (limit <= set.limit) return set;
  const larger = new FrameSet(limit);
  larger.words.set(set.words);
  return larger;
}

/** Until so much is here, or somebody wants us to stop. */
function arrivalOf(source: GrowingSource, end: number, signal?: AbortSignal): Promise<void> {
  if (!signal) return source.whenAvailable(end);
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(cancelled());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    source
      .whenAvailable(end)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

const cancelled = (): Ip2ProcessError =>
  new Ip2ProcessError('cancelled', 'Cannot finish the scan: it was cancelled');

const prefixOf = (source: ByteSource, size: number): ByteSource => ({
  size,
  fd: source.fd,
  read: (offset, into) =>
    source.read(offset, into.subarray(0, Math.max(0, Math.min(into.length, size - offset)))),
  close: () => undefined,
});

/** What the beginning of the file is; null while it is too little to tell. */
function opened(source: ByteSource): ImageMemory | null {
  try {
    return memoryOf(source);
  } catch (error) {
    if (error instanceof Ip2ProcessError) return null;
    throw error;
  }
}

/** A PDF of 60 GB need not come whole to be refused. */
function refuseForeign(source: GrowingSource): void {
  const head = headOf(source);
  if (containerOf(source) === null && !isPlausibleImage(head, source.size)) memoryOf(source);
}

async function scanPortion(
  search: Search,
  before: ArrivingScan | null,
  file: { readonly fd: number; readonly size: number; readonly layout: null },
  runs: readonly MemoryRun[],
  { signal, threads = 1 }: ScanOptions,
): Promise<ArrivingScan> {
  const plan = new BlockPlan(runs, search.blockBytes);
  const first = before?.blocks ?? 0;
  const end = settledBlocks(plan, runs);
  const { limit } = frameLimitOf(runs);
  const tails = enlarged(before?.tails ?? new FrameSet(0), limit);
  const heads = enlarged(before?.heads ?? new FrameSet(0), limit);
  const larger = enlarged(before?.larger ?? new FrameSet(0), limit);
  const done = { search, blocks: Math.max(first, end), runs, tails, heads, larger };
  if (end <= first) {
    return { ...done, parts: before?.parts ?? [], bytes: before?.bytes ?? 0 };
  }

  const state = new ScanState();
  state.startAt(first);
  const stop = (): void => state.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const found = await new ScanThreads(file, threads).scan({
      ...search,
      endBlock: end,
      frameLimit: tails.limit,
      tails: tails.words.buffer,
      heads: heads.words.buffer,
      larger: larger.words.buffer,
      state: state.buffer,
    });
    if (signal?.aborted) throw cancelled();
    return {
      ...done,
      parts: [...(before?.parts ?? []), ...bounded(found, before?.parts ?? [], search)],
      bytes: (before?.bytes ?? 0) + state.done,
    };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Blocks that will never change: all but those whose texts may go on in what is still to come. */
function settledBlocks(plan: BlockPlan, runs: readonly MemoryRun[]): number {
  const last = runs.at(-1);
  const end = last ? last.start + last.length : 0;
  let count = plan.count;
  while (count > 0 && plan.block(count - 1).end + PAGE_BYTES > end) count -= 1;
  return count;
}

/** Portions come in ascending order: of what is full already, nothing more is kept. */
function bounded(
  found: readonly ScanPart[],
  before: readonly ScanPart[],
  { patterns, indicators, hitsPerIndicator }: Search,
): ScanPart[] {
  const full = indicators.map(
    (_, indicator) =>
      before.reduce((sum, { hits }) => sum + (hits.found[indicator] ?? 0), 0) >= hitsPerIndicator,
  );
  return found.map((part) => ({
    ...part,
    hits: withoutFull(part.hits, patterns, full),
    anchors: part.anchors.map((addresses, anchor) => {
      const kept = before.reduce((sum, { anchors }) => sum + (anchors[anchor]?.length ?? 0), 0);
      return kept >= ANCHOR_LIMIT ? [] : addresses;
    }),
  }));
}
