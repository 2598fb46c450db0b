import { argumentsOf, type Environment, refusal } from './arguments.ts';
import { engineOf } from './engine-options.ts';
import { minutesOf } from './request.ts';
import { textOfFile } from './text-file.ts';
import type { CaseRequest } from '../case/case-run.ts';
import { openCache } from '../evidence/cache.ts';
import { forTerminal } from '../report/text-safety.ts';
import { givenProxy } from '../run/given-proxy.ts';
import type { Connection } from '../thehive/thehive.ts';
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

/** What the command line asks of a case. */
export interface CliCaseRequest {
  /** To TheHive. */
  readonly connection: Connection;
  readonly request: Omit<CaseRequest, 'session'>;
  readonly live: CaseLive;
  readonly isQuiet: boolean;
}

/** What of a case is asked by Velociraptor. */
export interface CaseLive {
  readonly isWanted: boolean;
  readonly asksMachines: boolean;
  readonly collects: boolean;
  readonly waitMs: number;
  readonly apiFile: string | null;
  readonly organisation: string | null;
}

/** @throws Ip2ProcessError `request`, or `system` where a file cannot be read */
export async function caseRequest(
  argv: readonly string[],
  environment: Environment,
  signal: AbortSignal,
): Promise<CliCaseRequest> {
  const { values, positionals } = argumentsOf(argv, OPTIONS);
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

/** Never from the arguments: those are seen by every user of the machine. */
function keyOf(file: string | undefined, environment: Environment): string {
  const key = (file === undefined ? (environment[KEY_VARIABLE] ?? '') : textOf(file)).trim();
  if (key !== '') return key;
  throw refusal(`no API key; use --key-file FILE, or the variable ${KEY_VARIABLE}`);
}

const textOf = (path: string): string =>
  textOfFile(path, (code) => `Cannot read "${forTerminal(path)}": ${code}`);

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 100) return count;
  throw refusal('--max-images should be a whole number from 1 to 100');
}
