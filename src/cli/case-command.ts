import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machinesBy } from '../case/live.ts';
import { caseRun, type CaseOutcome, type CaseRequest } from '../case/case-run.ts';
import { connectBy } from './live-options.ts';
import { minutesOf } from './request.ts';
import { engineOf } from './engine-options.ts';
import { Ip2ProcessError } from '../errors.ts';
import { openCache } from '../evidence/cache.ts';
import { givenProxy } from '../run/given-proxy.ts';
import { progressBar } from './progress-bar.ts';
import type { Report } from '../report/report.ts';
import { forTerminal } from '../report/text-safety.ts';
import { openSession } from '../thehive/session.ts';
import type { Connection } from '../thehive/thehive.ts';
import type { Connection as Velociraptor } from '../velociraptor/connection.ts';
import { uploadSource } from '../velociraptor/uploads.ts';
import { VERSION } from '../version.ts';

/** Holds the API key where no file does. */
const KEY_VARIABLE = 'IP2PROCESS_THEHIVE_KEY';

const OPTIONS = {
  thehive: { type: 'string' },
  'key-file': { type: 'string' },
  organisation: { type: 'string' },
  cacerts: { type: 'string' },
  'web-proxy': { type: 'string' },
  tag: { type: 'string', multiple: true },
  'max-images': { type: 'string' },
  evidence: { type: 'string' },
  'url-host': { type: 'string', multiple: true },
  cache: { type: 'string' },
  scratch: { type: 'string' },
  proxy: { type: 'string' },
  engine: { type: 'string' },
  symbols: { type: 'string' },
  volatility: { type: 'string' },
  velociraptor: { type: 'string' },
  org: { type: 'string' },
  live: { type: 'boolean' },
  'collect-image': { type: 'boolean' },
  'live-wait': { type: 'string' },
  again: { type: 'boolean' },
  automatic: { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const;

export const CASE_HELP = `Usage: ip2process case ID --thehive URL [options]

Looks for all indicators of a case in its memory images, and puts tags, observables and the report
into the case. ID is the number that people see, or "~24680".

  --thehive URL       address of TheHive 4.1 or 5, with its path prefix
  --key-file FILE     holds the API key (default: the variable ${KEY_VARIABLE})
  --organisation NAME default: that of the key's account
  --cacerts FILE      PEM of a private authority
  --web-proxy URL     to reach TheHive through, like http://proxy.example.org:3128
  --tag TAG           marks a memory image; may be repeated (default: memory-image)
  --max-images N      more images in a case are refused (default: 3)
  --evidence FOLDER   that observables "path:…" are relative to
  --url-host HOST     from which observables may name an image by https; may be repeated
  --cache FOLDER      keeps downloaded images for the next run, at most 64 GiB
  --scratch FOLDER    for downloads without a cache (default: the temporary folder)
  --proxy IP:PORT     the web proxy of the examined machine (default: inferred)
  --engine ENGINE     native (default), volatility3 or both; with --symbols, --volatility
  --velociraptor FILE API file of a Velociraptor server, for images that lie there and for --live
  --org ID            organisation there
  --live              ask the machine of the case too (tag host:NAME, or a hostname observable)
  --collect-image     with --live: have an image taken where the case has none
  --live-wait MINUTES how long to wait for a machine (default: 20; 240 with --collect-image)
  --automatic         a case in which there is nothing to do is no failure
  --again             answer once more what the case holds an answer to
  --quiet             no progress bar

Exit status: 0 found or nothing to do, 1 not found, 2 partial, 3 failed, 130 interrupted; of several
images the most telling.
`;

/** One run over a case. @returns the exit status by name */
export async function runCase(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Report['outcome'] | 'failed' | 'interrupted'> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(CASE_HELP);
    return 'found';
  }
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = progressBar(process.stderr);
  let velociraptor: Velociraptor | null = null;
  try {
    const { connection, request, isQuiet, live } = await asked(argv, environment, stop.signal);
    velociraptor = live.isWanted ? connectBy(live, environment, stop.signal) : null;
    const session = await openSession(connection);
    const outcome = await caseRun(
      { ...request, ...withVelociraptor(request, live, isQuiet), session },
      { signal: stop.signal, ...(isQuiet ? {} : { onProgress: progress.update }) },
    );
    progress.stop();
    return tell(outcome);
  } catch (error) {
    progress.stop();
    if (!(error instanceof Ip2ProcessError)) throw error;
    process.stderr.write(`ip2process: ${forTerminal(error.message)}\n`);
    return error.kind === 'cancelled' ? 'interrupted' : 'failed';
  } finally {
    velociraptor?.close();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }

  function onState(sentence: string): void {
    progress.stop();
    process.stderr.write(`Live: ${forTerminal(sentence)}\n`);
  }

  /** Uploads as images, and the machines of the case where they are asked. */
  function withVelociraptor(
    { places }: Pick<CaseRequest, 'places'>,
    { asksMachines, collects, waitMs }: CaseLive,
    isQuiet: boolean,
  ): Pick<CaseRequest, 'places' | 'machines'> {
    if (!velociraptor) return { places };
    const options = {
      waitMs: () => waitMs,
      collects,
      signal: stop.signal,
      ...(isQuiet ? {} : { onState }),
    };
    return {
      places: { ...places, uploads: uploadSource(velociraptor) },
      machines: asksMachines ? machinesBy(velociraptor, options) : null,
    };
  }
}

/** What of a case is asked by Velociraptor. */
interface CaseLive {
  readonly isWanted: boolean;
  readonly asksMachines: boolean;
  readonly collects: boolean;
  readonly waitMs: number;
  readonly apiFile: string | null;
  readonly organisation: string | null;
}

async function asked(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
) {
  const { values, positionals } = parsed(argv);
  const [caseId, ...rest] = positionals;
  if (caseId === undefined || rest.length > 0) throw refusal('one case should be named');
  if (values.thehive === undefined) throw refusal('no TheHive given; use --thehive URL');
  const engine = engineOf(values);
  const authorities = values.cacerts === undefined ? [] : [textOf(values.cacerts)];
  const webProxy = values['web-proxy'] ?? null;
  const connection: Connection = {
    url: values.thehive,
    apiKey: keyOf(values['key-file'], environment),
    organisation: values.organisation ?? null,
    authorities,
    proxy: webProxy,
    signal,
  };
  const { scratch } = values;
  const request: Omit<CaseRequest, 'session'> = {
    caseId,
    observableId: null,
    find: {
      ...(values.tag ? { tags: values.tag } : {}),
      ...(values['max-images'] === undefined ? {} : { limit: countOf(values['max-images']) }),
    },
    places: {
      folder: values.evidence ?? null,
      urls: values['url-host'] ? { hosts: values['url-host'], authorities, proxy: webProxy } : null,
    },
    fetch: {
      ...(scratch === undefined ? {} : { scratch }),
      cache:
        values.cache === undefined
          ? null
          : await openCache(values.cache, { largestBytes: 64 * 2 ** 30 }),
    },
    isAutomatic: values.automatic === true,
    again: values.again === true,
    // Nobody is there to carry out operations.
    results: 'rest',
    analysis: {
      proxy: values.proxy === undefined ? null : givenProxy(values.proxy),
      ...(scratch === undefined ? {} : { scratch }),
      contexts: 'redacted',
      ...(engine === undefined ? {} : { engine }),
      toolVersion: VERSION,
    },
  };
  const asksMachines = values.live === true;
  const collects = values['collect-image'] === true;
  if (collects && !asksMachines) throw refusal('--collect-image belongs to --live');
  const live: CaseLive = {
    isWanted: asksMachines || values.velociraptor !== undefined,
    asksMachines,
    collects,
    waitMs: 60_000 * minutesOf(values['live-wait'], collects ? 240 : 20),
    apiFile: values.velociraptor ?? null,
    organisation: values.org ?? null,
  };
  return { connection, request, live, isQuiet: values.quiet === true };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw refusal(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

/** Never from the arguments: those are seen by every user of the machine. */
function keyOf(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const key = (file === undefined ? (environment[KEY_VARIABLE] ?? '') : textOf(file)).trim();
  if (key !== '') return key;
  throw refusal(`no API key; use --key-file FILE, or the variable ${KEY_VARIABLE}`);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new Ip2ProcessError('system', `Cannot read "${forTerminal(path)}": ${code}`, { path });
  }
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count;
  throw refusal('--max-images should be a whole number from 1 to 100');
}

const refusal = (why: string): Ip2ProcessError =>
  new Ip2ProcessError('request', `Cannot start: ${forTerminal(why, 200)}`);

const TELLING: readonly Report['outcome'][] = ['found', 'partial', 'not-found'];

function tell({ idle, images, warnings }: CaseOutcome): Report['outcome'] | 'failed' {
  if (idle !== null) process.stdout.write(`Nothing to do: ${forTerminal(idle)}\n`);
  const outcomes = new Set<Report['outcome']>();
  for (const { candidate, result } of images) {
    const name = forTerminal(candidate.name, 120);
    if (result.kind === 'failed') {
      process.stderr.write(`${name}: ${forTerminal(result.error.message)}\n`);
    } else if (result.kind === 'answered-before') {
      process.stdout.write(`${name}: answered before, see "${forTerminal(result.title)}"\n`);
    } else {
      outcomes.add(result.report.outcome);
      process.stdout.write(`${name}: ${forTerminal(result.report.answer.headline)}\n`);
      for (const note of [...result.notes, ...result.posted.notes]) {
        process.stderr.write(`Note: ${forTerminal(note)}\n`);
      }
    }
  }
  for (const warning of warnings) process.stderr.write(`Note: ${forTerminal(warning)}\n`);
  if (images.length > 0 && images.every(({ result }) => result.kind === 'failed')) return 'failed';
  return TELLING.find((outcome) => outcomes.has(outcome)) ?? 'found';
}
