import { attribute } from '../attribute/attribution.ts';
import { locate } from '../attribute/locate.ts';
import { hostsAskedFor, MOST_FOLLOWED, pivotsOf } from '../attribute/pivots.ts';
import { inferProxy, type Proxy } from '../attribute/proxy.ts';
import { sentBy } from '../attribute/sent.ts';
import { chooseEngine, type ChosenEngine, type EngineChoice } from './choose-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { Ip2ProcessError } from '../errors.ts';
import { imageHash } from '../image/image-hash.ts';
import { openImage, type MemoryImage } from '../image/open-image.ts';
import type { ImageIndex, IndexRequest } from '../index-file/image-index.ts';
import type { Indicator } from '../indicator/indicator.ts';
import { parseIndicator } from '../indicator/parse-indicator.ts';
import { patternsOf } from '../indicator/patterns.ts';
import type { GrowingSource } from '../memory/growing-source.ts';
import { framesOfInterest } from '../attribute/frames-of-interest.ts';
import { openSystem, SYSTEM_ANCHORS, SYSTEM_PROBES } from '../os/open-system.ts';
import { buildReport } from '../report/build-report.ts';
import type { Alert } from '../report/findings.ts';
import { redact } from '../report/redact.ts';
import type { Report } from '../report/report.ts';
import { type ArrivingScan, scanArriving } from '../scan/arriving-scan.ts';
import type { ScanTimes } from '../scan/block-scanner.ts';
import { scan, type ScanResult } from '../scan/scan.ts';

/** What is asked of one image. */
export interface Request {
  readonly indicators: readonly Indicator[];
  /** File of the memory image. */
  readonly image: string;
  /** Its bytes, where they are open already and perhaps still arriving: `image` then only names them. Stays open. */
  readonly source?: GrowingSource;
  /** The machine's web proxy, where known; else it is inferred. */
  readonly proxy?: Proxy | null;
  /** Threads that scan; default: one per core, at most 8. */
  readonly threads?: number;
  /** Folder for the unpacked copy of a compressed image; default: the system's temporary folder. */
  readonly scratch?: string;
  /** Hash the image too, for the record (of a packed one, what it holds): a second read, behind the answer. */
  readonly hash?: boolean;
  /** Look a second time, for the hosts that stand next to the indicators too. */
  readonly pivot?: boolean;
  /** Keep an index of the image, and answer from it where it is there. Not for packed or arriving images. */
  readonly index?: IndexRequest | null;
  /** Compare the image's hash with the index's first. */
  readonly verify?: boolean;
  /** Who answers; default: our own reading of the image. */
  readonly engine?: EngineChoice;
  /** What the alert says of machine and time, to be compared with the image. */
  readonly alert?: Alert | null;
  /** How much of the memory's own text the report shows; default: all of it. */
  readonly contexts?: Report['privacy'];
  /** For the report. */
  readonly toolVersion: string;
}

export interface RunOptions {
  /** `done` of `total` bytes of a phase, at most ten times a second. */
  readonly onProgress?: (phase: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Called with the report as soon as it is there, and again with the image's hash in it. The index comes after both. */
  readonly onReport?: (report: Report) => void;
  /** Told what the threads of a scan spent their time on. */
  readonly onScanned?: (spent: ScanTimes) => void;
  /** Called with what then could not be done: one sentence. */
  readonly onNote?: (note: string) => void;
}

/**
 * The whole chain: image → hits at physical addresses → owners by page tables turned backwards → a weighed report.
 * What cannot be read becomes a warning and a line of the coverage; only "no answer possible" throws.
 */
export async function ip2process(request: Request, options: RunOptions = {}): Promise<Report> {
  const timings: Record<string, number> = {};
  const { source } = request;
  const arriving = source ? await timed('arrive', async () => arrive(source)) : null;
  const image = await timed('open', async () => openImage(request.image, openOptions()));
  let chosen: ChosenEngine | null = null;
  let index: ImageIndex | null = null;
  try {
    const isFile = image.container === 'none' && !source;
    index = isFile && request.index ? await openIndex(request.index) : null;
    const verified =
      index && request.verify === true
        ? await timed('verify', () => imageHash(image.source, watched('hash')))
        : null;
    if (verified !== null) index?.verify(verified);
    const given = request.indicators;
    const found = await look(given, arriving);
    if (found.spent) options.onScanned?.(found.spent);
    const arrival = await source?.complete;
    const { system, isRecognised, warnings } = await timed('system', () =>
      openSystem(image.memory, found.anchors, {
        vmcoreinfo: image.hints.vmcoreinfo,
        tables: image.hints.cr3,
      }),
    );
    if (!isRecognised && found.hits.length === 0) throw noMemoryImage(image);
    chosen = await timed('engine', async () =>
      chooseEngine(request.engine, image, isFile, system, options.signal),
    );
    const engine = index?.engine(chosen.engine) ?? chosen.engine;
    const proxy = request.proxy ?? inferProxy(engine.processes);
    let looked = found;
    let weighed = await weigh(given, looked, engine, proxy);
    const followed = request.pivot === true ? weighed.pivots.slice(0, MOST_FOLLOWED) : [];
    if (followed.length > 0) {
      const indicators = [...given, ...followed.map(({ text }) => parseIndicator(text))];
      looked = await look(indicators);
      weighed = await weigh(indicators, looked, engine, proxy);
    }
    const { indicators, located, searched } = weighed;
    const spaces = searched.unreadableTables.length;
    const { secondOpinion } = chosen;
    const second =
      secondOpinion &&
      (await timed('second', () => secondOpinion({ indicators, found: looked, located, spaces })));
    const arrived = image.container === 'none' ? (arrival?.sha256 ?? null) : null;
    const findings = {
      ...weighed,
      toolVersion: request.toolVersion,
      followed: new Set(followed.map(({ text }) => text)),
      alert: request.alert ?? null,
      image,
      // The index holds it for the image as it is: whoever doubts that asks to verify.
      sha256: arrived ?? verified ?? index?.sha256 ?? null,
      system,
      engine,
      proxy,
      second,
      warnings: [
        ...weighed.warnings,
        ...warnings,
        ...chosen.warnings,
        ...(index?.warnings ?? []),
        ...(request.index && !isFile ? [NOT_INDEXED] : []),
      ],
      timings,
    };
    const report = await timed('report', () => buildReport(findings));
    const told = { ...redact(report, request.contexts ?? 'full'), timings };
    options.onReport?.(told);
    const hashed = request.hash ? await completed(told, image.source) : told;
    if (hashed !== told) options.onReport?.(hashed);
    const sha256 = hashed.image?.sha256 ?? null;
    await index
      ?.keep(found, sha256, chosen.engine, threadOptions('index'))
      .catch((error: unknown) => {
        // The answer stands without it.
        if (!(error instanceof Ip2ProcessError)) throw error;
        options.onNote?.(error.message);
      });
    return hashed;
  } finally {
    index?.close();
    chosen?.close();
    image.close();
  }

  /** All that can be done before the last byte is here. */
  async function arrive(file: GrowingSource): Promise<ArrivingScan | null> {
    const { indicators } = request;
    const { onProgress, ...scanning } = scanOptions();
    const tell = (): void => options.onProgress?.('arrive', file.available, file.size);
    const timer = onProgress && setInterval(tell, 100);
    try {
      return await scanArriving(file, patternsOf(indicators), indicators, scanning);
    } finally {
      clearInterval(timer);
      tell();
    }
  }

  /** One pass over all bytes. */
  async function look(
    indicators: readonly Indicator[],
    before: ArrivingScan | null = null,
  ): Promise<ScanResult> {
    return timed('scan', async () => {
      const patterns = patternsOf(indicators);
      return (
        (await index?.scan(patterns, indicators, scanOptions())) ??
        scan(image, patterns, indicators, scanOptions(), before)
      );
    });
  }

  /** Loaded only now: most runs need no index, nor the library by which its contents are checked. */
  async function openIndex(asked: IndexRequest): Promise<ImageIndex> {
    const { ImageIndex: Index } = await import('../index-file/image-index.ts');
    const marks = JSON.stringify([SYSTEM_ANCHORS, SYSTEM_PROBES]);
    return new Index(image, asked, { version: request.toolVersion, marks });
  }

  /** From hits to weighed processes. */
  async function weigh(
    indicators: readonly Indicator[],
    found: ScanResult,
    engine: Engine,
    proxy: Proxy | null,
  ) {
    const { tails, heads, hits } = found;
    const owners = await timed('owners', () =>
      engine.owners({ interest: framesOfInterest(found), tails, heads }),
    );
    return timed('attribute', () => {
      const question = { indicators, patterns: patternsOf(indicators) };
      const located = locate(question, hits, owners, engine, image.memory);
      const { occurrences } = located;
      const sent = sentBy(engine, image.memory, occurrences);
      const attributions = attribute(indicators, engine, sent, occurrences, proxy);
      return {
        indicators,
        located,
        attributions,
        pivots: pivotsOf(indicators, engine, occurrences, attributions, proxy),
        pivotHosts: hostsAskedFor(engine, sent, proxy),
        searched: {
          bytes: found.bytesSearched,
          unreadableBytes: found.unreadableBytes,
          hitsNotKept: found.truncated,
          unreadableTables: owners.unreadableTables,
          notInMemory: owners.notInMemory ?? null,
        },
        warnings: found.warnings,
      };
    });
  }

  /** With the image's hash; the same report where that is known already, or nobody waits for it any more. */
  async function completed(report: Report, bytes: MemoryImage['source']): Promise<Report> {
    const { image: about } = report;
    if (about === null || about.sha256 !== null) return report;
    const sha256 = await timed('hash', () => imageHash(bytes, watched('hash')));
    return sha256 === null ? report : { ...report, image: { ...about, sha256 }, timings };
  }

  /** Adds to a phase that runs twice. */
  async function timed<Result>(
    phase: string,
    run: () => Result | Promise<Result>,
  ): Promise<Result> {
    const start = performance.now();
    const result = await run();
    const spent = (timings[phase] ?? 0) + performance.now() - start;
    timings[phase] = Math.round(spent * 10) / 10;
    return result;
  }

  function openOptions() {
    return {
      ...(source ? { source } : {}),
      ...(request.scratch === undefined ? {} : { scratch: request.scratch }),
      ...watched('unpack'),
    };
  }

  function scanOptions() {
    return { anchors: SYSTEM_ANCHORS, probes: SYSTEM_PROBES, ...threadOptions('scan') };
  }

  function threadOptions(phase: string) {
    return {
      ...(request.threads === undefined ? {} : { threads: request.threads }),
      ...watched(phase),
    };
  }

  /** A phase that can be followed and stopped. */
  function watched(phase: string) {
    const { onProgress, signal } = options;
    return {
      ...(signal ? { signal } : {}),
      ...(onProgress
        ? { onProgress: (done: number, total: number) => onProgress(phase, done, total) }
        : {}),
    };
  }
}

const NOT_INDEXED =
  'No index was made: the image is packed or still arriving; an index needs the image itself as a file';

/** Bytes without any system and without any hit: an absence in them says nothing. */
const noMemoryImage = ({ path, warnings }: MemoryImage): Ip2ProcessError =>
  new Ip2ProcessError(
    'analysis',
    `Cannot answer from "${path}": nothing in it speaks of a Linux or Windows kernel, and it holds no indicator${warnings[0] === undefined ? '; is it the memory of a whole machine?' : `. ${warnings[0]}`}`,
    { path },
  );
