import type { ChosenEngine } from './choose-engine.ts';
import { phaseClock } from './phase-clock.ts';
import type { Request, RunOptions } from './request.ts';
import { stageOptions } from './stage-options.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { imageHash } from '../image/image-hash.ts';
import { openImage, type MemoryImage } from '../image/open-image.ts';
import type { ImageIndex, IndexRequest } from '../index-file/image-index.ts';
import type { Indicator } from '../indicator/indicator.ts';
import { parseIndicator } from '../indicator/parse-indicator.ts';
import { patternsOf } from '../indicator/patterns.ts';
import type { GrowingSource } from '../memory/growing-source.ts';
import { SYSTEM_ANCHORS, SYSTEM_PROBES } from '../os/system-marks.ts';
import type { Report } from '../report/report.ts';
import { type ArrivingScan, scanArriving } from '../scan/arriving-scan.ts';
import { scan, type ScanResult } from '../scan/scan.ts';

/**
 * The whole chain: image → hits at physical addresses → owners by page tables turned backwards → a weighed report.
 * What cannot be read becomes a warning and a line of the coverage; only "no answer possible" throws.
 */
export async function ip2process(request: Request, options: RunOptions = {}): Promise<Report> {
  const { timings, timed } = phaseClock();
  const stages = stageOptions(request, options);
  const { source } = request;
  const arriving = source ? await timed('arrive', async () => arrive(source)) : null;
  const image = await timed('open', async () => openImage(request.image, stages.open()));
  let chosen: ChosenEngine | null = null;
  let index: ImageIndex | null = null;
  try {
    const isFile = image.container === 'none' && !source;
    index = isFile && request.index ? await openIndex(request.index) : null;
    const verified =
      index && request.verify === true
        ? await timed('verify', () => hashOf(image.source, stages.watched('hash')))
        : null;
    if (verified !== null) index?.verify(verified);
    const given = request.indicators;
    // The threads are still starting up by then, and nobody waits for it.
    const [found, after] = await Promise.all([look(given, arriving), import('./after-scan.ts')]);
    if (found.spent) options.onScanned?.(found.spent);
    const arrival = await source?.complete;
    const { system, isRecognised, warnings } = await timed('system', () =>
      after.openSystem(image.memory, found.anchors, {
        vmcoreinfo: image.hints.vmcoreinfo,
        tables: image.hints.cr3,
      }),
    );
    if (!isRecognised && found.hits.length === 0) throw noMemoryImage(image);
    chosen = await timed('engine', async () =>
      after.chooseEngine(request.engine, image, isFile, system, options.signal),
    );
    const engine = index?.engine(chosen.engine) ?? chosen.engine;
    const proxy = request.proxy ?? after.inferProxy(engine.processes);
    const machine = { engine, memory: image.memory, proxy };
    let looked = found;
    let weighed = await after.weigh(given, looked, machine, timed);
    const followed = request.pivot === true ? weighed.pivots.slice(0, after.MOST_FOLLOWED) : [];
    if (followed.length > 0) {
      const indicators = [...given, ...followed.map(({ text }) => parseIndicator(text))];
      looked = await look(indicators);
      weighed = await after.weigh(indicators, looked, machine, timed);
    }
    const { indicators, located, searched } = weighed;
    const spaces = searched.unreadableTables.length;
    const { secondOpinion } = chosen;
    const second =
      secondOpinion &&
      (await timed('second', () => secondOpinion({ indicators, found: looked, located, spaces })));
    const arrived = arrival?.sha256 ?? null;
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
    const report = await timed('report', () => after.buildReport(findings));
    const told = { ...after.redact(report, request.contexts ?? 'full'), timings };
    await options.onReport?.(told);
    const hashed = request.hash ? await completed(told, image.file) : told;
    if (hashed !== told) await options.onReport?.(hashed);
    const sha256 = hashed.image?.sha256 ?? null;
    await index
      ?.keep(found, sha256, chosen.engine, stages.threaded('index'))
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
    const { onProgress, ...silent } = stages.scan();
    const tell = (): void => options.onProgress?.('arrive', file.available, file.size);
    const timer = onProgress && setInterval(tell, 100);
    try {
      return await scanArriving(file, patternsOf(indicators), indicators, silent);
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
        (await index?.scan(patterns, indicators, stages.scan())) ??
        scan(image, patterns, indicators, stages.scan(), before)
      );
    });
  }

  /** Loaded only now: most runs need no index, nor the library by which its contents are checked. */
  async function openIndex(asked: IndexRequest): Promise<ImageIndex> {
    const { ImageIndex: Index } = await import('../index-file/image-index.ts');
    const marks = JSON.stringify([SYSTEM_ANCHORS, SYSTEM_PROBES]);
    return new Index(image, asked, { version: request.toolVersion, marks });
  }

  /** With the image's hash; the same report where that is known already, or nobody waits for it any more. */
  async function completed(report: Report, bytes: MemoryImage['source']): Promise<Report> {
    const { image: about } = report;
    if (about === null || about.sha256 !== null) return report;
    const sha256 = await timed('hash', () => hashOf(bytes, stages.watched('hash')));
    return sha256 === null ? report : { ...report, image: { ...about, sha256 }, timings };
  }
}

/** Loaded only now: Node's cryptography takes 5 ms, and the scan need not wait for it. */
const hashOf: typeof imageHash = async (...asked) =>
  (await import('../image/image-hash.ts')).imageHash(...asked);

const NOT_INDEXED =
  'No index was made: the image is packed or still arriving; an index needs the image itself as a file';

/** Bytes without any system and without any hit: an absence in them says nothing. */
const noMemoryImage = ({ path, warnings }: MemoryImage): Ip2ProcessError =>
  new Ip2ProcessError(
    'analysis',
    `Cannot answer from "${path}": nothing in it speaks of a Linux or Windows kernel, and it holds no indicator${warnings[0] === undefined ? '; is it the memory of a whole machine?' : `. ${warnings[0]}`}`,
    { path },
  );
