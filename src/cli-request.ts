import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OPTIONS } from './cli-options.ts';
import { Ip2ProcessError } from './errors.ts';
import { givenProxy } from './given-proxy.ts';
import { parseIndicatorList, parseIndicators } from './indicator/parse-indicator.ts';
import type { Request } from './ip2process.ts';
import { type Format, PRINTERS } from './report/printers.ts';
import type { Alert } from './report/findings.ts';
import type { Report } from './report/report.ts';
import { forTerminal } from './report/text-safety.ts';

/** What the command line asks for. */
export interface CliRequest {
  readonly request: Omit<Request, 'toolVersion'>;
  /** Of what goes to stdout. */
  readonly format: Format;
  readonly files: readonly { readonly path: string; readonly format: Format }[];
  /** PID whose score is told in full instead of the report on stdout. */
  readonly explains: number | null;
  readonly isQuiet: boolean;
  readonly showsTimings: boolean;
}

/** @throws Ip2ProcessError `request`, or `system` where the indicator file cannot be read */
export function cliRequest(argv: readonly string[]): CliRequest {
  const { values, positionals } = parsed(argv);
  const { image, format } = values;
  if (image === undefined || image === '') {
    throw new Ip2ProcessError('request', 'Cannot start: no memory image given; use --image FILE');
  }
  const listed = (values.indicators ?? []).flatMap((path) => parseIndicatorList(textOf(path)));
  const indicators = parseIndicators([...positionals, ...listed.map(({ given }) => given)]);
  if (indicators.length === 0) {
    throw new Ip2ProcessError(
      'request',
      'Cannot start: no indicator given; name an IP address, a domain or a URL',
    );
  }
  if (format !== undefined && !isFormat(format)) {
    throw new Ip2ProcessError(
      'request',
      `Cannot write a report as "${forTerminal(format, 80)}": the formats are ${Object.keys(PRINTERS).join(', ')}`,
    );
  }
  const out = values.out ?? [];
  return {
    request: {
      indicators,
      image,
      proxy: values.proxy === undefined ? null : givenProxy(values.proxy),
      ...(values.threads === undefined ? {} : { threads: threadsOf(values.threads) }),
      ...(values.scratch === undefined ? {} : { scratch: values.scratch }),
      hash: values.sha256 === true,
      pivot: values.pivot === true,
      alert: alertOf(values.host, values.at),
      contexts: contextsOf(values.contexts),
    },
    format: out.length === 0 ? (format ?? 'text') : 'text',
    files: out.map((path) => ({ path, format: format ?? formatOf(path) })),
    explains: pidOf(values.explain),
    isQuiet: values.quiet === true,
    showsTimings: values.timings === true,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: OPTIONS,
    });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new Ip2ProcessError('request', `Cannot read the arguments: ${forTerminal(reason, 200)}`);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new Ip2ProcessError('system', `Cannot read the indicators: ${code}, file "${path}"`, {
      path,
    });
  }
}

function threadsOf(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return threads;
  throw new Ip2ProcessError(
    'request',
    `Cannot use ${forTerminal(text, 20)} threads: it should be a whole number from 1 to 64`,
  );
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

const isFormat = (text: string): text is Format => Object.hasOwn(PRINTERS, text);

/** By the file's ending, the longest that fits; JSON where it says nothing. */
function formatOf(path: string): Format {
  const [format] =
    Object.entries(PRINTERS)
      .toSorted(([, one], [, other]) => other.extension.length - one.extension.length)
      .find(([, { extension }]) => path.toLowerCase().endsWith(extension)) ?? [];
  return format !== undefined && isFormat(format) ? format : 'json';
}
