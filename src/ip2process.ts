import { createHash } from 'node:crypto';
import { attribute } from './attribute/attribution.ts';
import { locate } from './attribute/locate.ts';
import { inferProxy, type Proxy } from './attribute/proxy.ts';
import { nativeEngine } from './engine/native.ts';
import { noEngine } from './engine/none.ts';
import { openImage, type MemoryImage } from './image/open-image.ts';
import type { Indicator } from './indicator/indicator.ts';
import { patternsOf } from './indicator/patterns.ts';
import type { ByteSource } from './memory/byte-source.ts';
import { framesOfInterest } from './attribute/frames-of-interest.ts';
import { openSystem, SYSTEM_ANCHORS, SYSTEM_PROBES } from './os/open-system.ts';
import { buildReport } from './report/build-report.ts';
import type { Report } from './report/report.ts';
import { scan } from './scan/scan.ts';

/** What is asked of one image. */
export interface Request {
  readonly indicators: readonly Indicator[];
  /** File of the memory image. */
  readonly image: string;
  /** The machine's web proxy, where known; else it is inferred. */
  readonly proxy?: Proxy | null;
  /** Threads that scan; default: one per core, at most 8. */
  readonly threads?: number;
  /** Folder for the unpacked copy of a compressed image; default: the system's temporary folder. */
  readonly scratch?: string;
  /** Hash the image too, for the record: costs a second read. */
  readonly hash?: boolean;
  /** For the report. */
  readonly toolVersion: string;
}

export interface RunOptions {
  /** `done` of `total` bytes of a phase, at most ten times a second. */
  readonly onProgress?: (phase: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * The whole chain: image → hits at physical addresses → owners by page tables turned backwards → a weighed report.
 * What cannot be read becomes a warning and a line of the coverage; only "no answer possible" throws.
 */
export async function ip2process(request: Request, options: RunOptions = {}): Promise<Report> {
  const { indicators } = request;
  const timings: Record<string, number> = {};
  const image = await timed('open', async () => openImage(request.image, openOptions()));
  try {
    const patterns = patternsOf(indicators);
    const found = await timed('scan', async () =>
      scan(image, patterns, indicators, {
        anchors: SYSTEM_ANCHORS,
        probes: SYSTEM_PROBES,
        ...scanOptions(),
      }),
    );
    const { system, warnings } = await timed('system', () =>
      openSystem(image.memory, found.anchors, image.hints),
    );
    const engine = system ? nativeEngine(image.memory, system) : noEngine();
    const owners = await timed('owners', () =>
      engine.owners({ interest: framesOfInterest(found), tails: found.tails, heads: found.heads }),
    );
    const located = await timed('attribute', () =>
      locate({ indicators, patterns }, found.hits, owners, engine, image.memory),
    );
    const proxy = request.proxy ?? inferProxy(engine.processes);
    const attributions = attribute(indicators, engine, image.memory, located.occurrences, proxy);
    const sha256 = request.hash ? await timed('hash', () => sha256Of(image.source)) : null;
    return buildReport({
      toolVersion: request.toolVersion,
      indicators,
      image,
      sha256,
      system,
      engine,
      proxy,
      located,
      attributions,
      pivots: [],
      pivotHosts: [],
      searched: {
        bytes: found.bytesSearched,
        unreadableBytes: found.unreadableBytes,
        hitsNotKept: found.truncated,
        unreadableTables: owners.unreadableTables,
      },
      warnings: [...found.warnings, ...warnings],
      timings,
    });
  } finally {
    image.close();
  }

  async function timed<Result>(
    phase: string,
    run: () => Result | Promise<Result>,
  ): Promise<Result> {
    const start = performance.now();
    const result = await run();
    timings[phase] = Math.round((performance.now() - start) * 10) / 10;
    return result;
  }

  function openOptions() {
    const { onProgress, signal } = options;
    return {
      ...(request.scratch === undefined ? {} : { scratch: request.scratch }),
      ...(signal ? { signal } : {}),
      ...(onProgress
        ? { onProgress: (done: number, total: number) => onProgress('unpack', done, total) }
        : {}),
    };
  }

  function scanOptions() {
    const { onProgress, signal } = options;
    return {
      ...(request.threads === undefined ? {} : { threads: request.threads }),
      ...(signal ? { signal } : {}),
      ...(onProgress
        ? { onProgress: (done: number, total: number) => onProgress('scan', done, total) }
        : {}),
    };
  }
}

/** Of the image itself (of what a compressed file holds, so that it can be compared whatever the packing). */
function sha256Of(source: MemoryImage['source'] & ByteSource): string {
  const hash = createHash('sha256');
  const block = new Uint8Array(4 * 2 ** 20);
  for (let offset = 0; offset < source.size;) {
    const count = source.read(offset, block);
    if (count === 0) break;
    hash.update(block.subarray(0, count));
    offset += count;
  }
  return hash.digest('hex');
}
