import { argumentsOf, refusal } from './arguments.ts';
import { engineOf } from './engine-options.ts';
import { OPTIONS } from './options.ts';
import { textOfFile } from './text-file.ts';
import { Ip2ProcessError } from '../errors.ts';
import { givenProxy } from '../run/given-proxy.ts';
import type { IndexRequest } from '../index-file/image-index.ts';
import { onceEach, parseIndicator, parseIndicatorList } from '../indicator/parse-indicator.ts';
import type { Request } from '../run/request.ts';
import { type Format, FORMATS, isFormat } from '../report/formats.ts';
import type { Alert } from '../report/findings.ts';
import type { Report } from '../report/report.ts';
import { forTerminal } from '../report/text-safety.ts';
import { askable } from '../velociraptor/askable.ts';

/** What the command line asks for. */
export interface CliRequest {
  /** Image null: only a running machine is asked. */
  readonly request: Omit<Request, 'toolVersion' | 'image'> & { readonly image: string | null };
  readonly live: LiveAsked;
  /** Of what goes to stdout. */
  readonly format: Format;
  readonly files: readonly { readonly path: string; readonly format: Format }[];
  /** PID whose score is told in full instead of the report on stdout. */
  readonly explains: number | null;
  readonly isQuiet: boolean;
  readonly showsTimings: boolean;
}

/** Of a running machine, and of the Velociraptor server that knows it. */
export interface LiveAsked {
  /** Null: none is asked. */
  readonly machine: string | null;
  /** Of the API; null: by the environment, or at its place. */
  readonly apiFile: string | null;
  readonly organisation: string | null;
  readonly collects: boolean;
  readonly waitMs: number;
  /** Between two looks; null: as usual. */
  readonly everyMs: number | null;
}

/** @throws Ip2ProcessError `request`, or `system` where the indicator file cannot be read */
export function cliRequest(argv: readonly string[]): CliRequest {
  const { values, positionals } = argumentsOf(argv, OPTIONS, unreadable);
  const { format } = values;
  const image = values.image || null;
  const live = liveOf(values);
  const engine = engineOf(values);
  if (image === null && live.machine === null) {
    throw refusal('no memory image given; use --image FILE, or --live CLIENT');
  }
  const listed = (values.indicators ?? []).flatMap((path) => parseIndicatorList(textOf(path)));
  const indicators = onceEach([...positionals.map(parseIndicator), ...listed]);
  if (indicators.length === 0) {
    throw refusal('no indicator given; name an IP address, a domain or a URL');
  }
  if (format !== undefined && !isFormat(format)) {
    throw new Ip2ProcessError(
      'request',
      `Cannot write a report as "${forTerminal(format, 80)}": the formats are ${Object.keys(FORMATS).join(', ')}`,
    );
  }
  if (live.machine !== null) askable(indicators);
  const out = values.out ?? [];
  return {
    request: {
      indicators,
      image,
      proxy: values.proxy === undefined ? null : givenProxy(values.proxy),
      ...(values.threads === undefined ? {} : { threads: threadsOf(values.threads) }),
      ...(values.scratch === undefined ? {} : { scratch: values.scratch }),
      index: indexOf(values),
      verify: values.verify === true,
      hash: values['no-sha256'] !== true,
      pivot: values.pivot === true,
      alert: alertOf(values.host, values.at),
      contexts: contextsOf(values.contexts),
      ...(engine === undefined ? {} : { engine }),
    },
    live,
    format: out.length === 0 ? (format ?? 'text') : 'text',
    files: out.map((path) => ({ path, format: format ?? formatOf(path) })),
    explains: pidOf(values.explain),
    isQuiet: values.quiet === true,
    showsTimings: values.timings === true,
  };
}

interface LiveValues {
  readonly live?: string;
  readonly image?: string;
  readonly velociraptor?: string;
  readonly org?: string;
  readonly explain?: string;
  readonly 'collect-image'?: boolean;
  readonly 'live-wait'?: string;
}

function liveOf(values: LiveValues): LiveAsked {
  const machine = values.live?.trim() || null;
  const collects = values['collect-image'] === true;
  if (collects && (machine === null || values.image)) {
    throw new Ip2ProcessError(
      'request',
      'Cannot collect an image: --collect-image takes one from the machine of --live, and stands instead of --image',
    );
  }
  if (values.explain !== undefined && !values.image && !collects) {
    throw new Ip2ProcessError(
      'request',
      'Cannot explain a score without an image: a live answer has its reasons beside each process',
    );
  }
  return {
    machine,
    apiFile: values.velociraptor ?? null,
    organisation: values.org ?? null,
    collects,
    waitMs: 60_000 * minutesOf(values['live-wait'], collects ? 240 : 20),
    everyMs: null,
  };
}

const unreadable = (why: string): Ip2ProcessError =>
  new Ip2ProcessError('request', `Cannot read the arguments: ${forTerminal(why, 200)}`);

/** @throws Ip2ProcessError kind 'request' */
export function minutesOf(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const minutes = Number(text);
  if (text.trim() !== '' && minutes >= 0 && minutes <= 1440) return minutes;
  throw new Ip2ProcessError(
    'request',
    `Cannot wait ${forTerminal(text, 20)} minutes: it should be a number from 0 to 1440`,
  );
}

const textOf = (path: string): string =>
  textOfFile(
    path,
    (code) => `Cannot read the indicators: ${code}, file "${path}"`,
    path === '-' ? 0 : path,
  );

function threadsOf(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return threads;
  throw new Ip2ProcessError(
    'request',
    `Cannot use ${forTerminal(text, 20)} threads: it should be a whole number from 1 to 64`,
  );
}

function indexOf(values: {
  readonly index?: boolean;
  readonly 'index-folder'?: string;
  readonly verify?: boolean;
}): IndexRequest | null {
  const folder = values['index-folder'] ?? null;
  if (values.index === true || folder !== null) return { folder };
  if (values.verify !== true) return null;
  throw new Ip2ProcessError('request', 'Cannot verify an index: none is asked for; use --index');
}

function alertOf(host: string | undefined, at: string | undefined): Alert | null {
  if (host === undefined && at === undefined) return null;
  return { host: host ?? null, at: at === undefined ? null : timeOf(at) };
}

/** ISO 8601 with a zone: without one it would be this machine's, which is not the one in the image. */
function timeOf(text: string): Date {
  const time = new Date(text);
  if (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text) &&
    !Number.isNaN(time.getTime())
  ) {
    return time;
  }
  throw new Ip2ProcessError(
    'request',
    `Cannot use the time "${forTerminal(text, 80)}": it should be a date and time with a zone, like 2026-11-22T10:00:00Z or 2026-11-22T12:00:00+02:00`,
  );
}

function pidOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Ip2ProcessError(
    'request',
    `Cannot explain process "${forTerminal(text, 20)}": it should be a process number (PID)`,
  );
}

function contextsOf(text: string | undefined): Report['privacy'] {
  if (text === undefined || text === 'full' || text === 'redacted' || text === 'none') {
    return text ?? 'full';
  }
  throw new Ip2ProcessError(
    'request',
    `Cannot show contexts "${forTerminal(text, 20)}": it should be full, redacted or none`,
  );
}

/** By the file's ending, the longest that fits; JSON where it says nothing. */
function formatOf(path: string): Format {
  const [format] =
    Object.entries(FORMATS)
      .toSorted(([, one], [, other]) => other.extension.length - one.extension.length)
      .find(([, { extension }]) => path.toLowerCase().endsWith(extension)) ?? [];
  return format !== undefined && isFormat(format) ? format : 'json';
}
