import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** A place in a process where an indicator stands. */
export interface Place {
  readonly pid: number;
  /** Virtual address of its first byte. */
  readonly va: bigint;
}

/** How the indicator is written there; `near_*` are texts that only resemble it. */
export type Form = string;

export interface LabHit extends Place {
  readonly comm: string;
  readonly form: Form;
  readonly physical: number;
  /** False: part of a longer number, so it must not be reported. */
  readonly isBounded: boolean;
  /** Its bytes run on in a frame that is not the next one. */
  readonly straddles: boolean;
  /** Region as /proc/PID/maps names it; empty: private memory without a name. */
  readonly region: string;
  readonly perms: string;
}

export interface LabProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly comm: string;
  /** Null for kernel threads. */
  readonly exe: string | null;
  /** As /proc/PID/cmdline has it, spaces for NULs. */
  readonly commandLine: string;
  readonly isKernelThread: boolean;
  readonly regions: number;
  /** All of them, the leader included. */
  readonly threads: number;
  /** Whether it talks to the address; null where the lab did not write it down. */
  readonly talks: boolean | null;
}

/** What a lab machine said about itself while everything in it stood still. */
export interface LabTruth {
  readonly indicator: {
    readonly ipv4: string;
    /** One address, in several spellings. */
    readonly ipv6: readonly string[];
    readonly proxy: string;
    readonly proxyPort: number;
  };
  /** The process that took the truth: it has no truth about itself. */
  readonly helperPid: number;
  readonly processes: readonly LabProcess[];
  readonly hits: readonly LabHit[];
  /** The process that was killed before the dump. Null: none. */
  readonly ghostPid: number | null;
  /** Physical addresses of its hits, in pages that were freed. */
  readonly ghostHits: readonly number[];
  readonly pageCacheHits: readonly { readonly path: string; readonly physical: number }[];
  /** "local -> remote" and the state's number in hex, by PID. */
  readonly tcpSockets: ReadonlyMap<number, readonly string[]>;
}

/** Which forms say which indicator. */
const FORMS = {
  ipv4: ['ascii', 'utf16le', 'bin4'],
  ipv6: ['v6_short', 'v6_long'],
  proxy: ['proxy'],
} as const;

/** Reads a truth file of the lab. Throws a ZodError where it has another shape. */
export const loadTruth = (path: string): LabTruth =>
  parseTruth(JSON.parse(readFileSync(path, 'utf8')));

export function parseTruth(json: unknown): LabTruth {
  const file = TruthFile.parse(json);
  return {
    indicator: {
      ipv4: file.ioc.ip,
      ipv6: file.ioc.v6,
      proxy: file.ioc.proxy,
      proxyPort: file.ioc.proxy_port,
    },
    helperPid: file.helper_pid,
    processes: file.processes.map((one) => ({
      pid: one.pid,
      parentPid: one.ppid,
      comm: one.comm,
      exe: one.exe ?? null,
      commandLine: one.cmdline,
      isKernelThread: one.kernel_thread,
      regions: one.vmas,
      threads: one.threads.length + 1,
      talks: one.talks ?? null,
    })),
    hits: file.hits.map((hit) => ({
      pid: hit.pid,
      va: BigInt(hit.va),
      comm: hit.comm,
      form: hit.form,
      physical: hit.phys,
      isBounded: hit.bounded,
      straddles: hit.straddles,
      region: hit.vma,
      perms: hit.perms,
    })),
    ghostPid: file.ghost?.pid ?? null,
    ghostHits: (file.ghost?.hits_before_kill ?? []).map(({ phys }) => phys),
    pageCacheHits: (file.page_cache?.hits ?? []).map(({ path, phys }) => ({
      path,
      physical: phys,
    })),
    tcpSockets: new Map(
      Object.entries(file.tcp_sockets).map(([pid, sockets]) => [Number(pid), sockets]),
    ),
  };
}

/**
 * Where the report must name this indicator, and nowhere else: its bounded hits, in every form that says it, in all
 * processes but the helper.
 *
 * @param indicator in any spelling that the truth has; throws for one that the lab did not plant
 */
export function expectedPlaces(truth: LabTruth, indicator: string): Place[] {
  const forms: readonly string[] = FORMS[kindOf(truth, indicator)];
  return truth.hits
    .filter((hit) => hit.isBounded && hit.pid !== truth.helperPid && forms.includes(hit.form))
    .map(({ pid, va }) => ({ pid, va }));
}

/** In both directions: what the report lacks, and what it says without ground. */
export function compare(
  expected: readonly Place[],
  reported: readonly Place[],
): { readonly missed: Place[]; readonly invented: Place[] } {
  return { missed: without(expected, reported), invented: without(reported, expected) };
}

function kindOf({ indicator: known }: LabTruth, indicator: string): keyof typeof FORMS {
  if (indicator === known.ipv4) return 'ipv4';
  if (known.ipv6.includes(indicator)) return 'ipv6';
  if (indicator === known.proxy) return 'proxy';
  throw new Error(`Cannot tell where "${indicator}" should be found: the lab did not plant it`);
}

function without(places: readonly Place[], others: readonly Place[]): Place[] {
  const known = new Set(others.map(keyOf));
  const left = new Map(places.map((place) => [keyOf(place), place]));
  return [...left].filter(([key]) => !known.has(key)).map(([, place]) => place);
}

const keyOf = ({ pid, va }: Place): string => `${pid} ${va}`;

/** Numbers are whole and exact: an address of more than 53 bits would be refused rather than rounded. */
const HitFile = z.object({
  pid: z.int(),
  comm: z.string(),
  form: z.string(),
  va: z.int(),
  phys: z.int(),
  straddles: z.boolean(),
  bounded: z.boolean(),
  vma: z.string(),
  perms: z.string(),
});

const TruthFile = z.object({
  ioc: z.object({
    ip: z.string(),
    v6: z.array(z.string()),
    proxy: z.string(),
    proxy_port: z.int(),
  }),
  helper_pid: z.int(),
  processes: z.array(
    z.object({
      pid: z.int(),
      ppid: z.int(),
      comm: z.string(),
      exe: z.string().optional(),
      cmdline: z.string(),
      talks: z.boolean().optional(),
      kernel_thread: z.boolean(),
      vmas: z.int(),
      threads: z.array(z.object({ tid: z.int(), comm: z.string() })),
    }),
  ),
  hits: z.array(HitFile),
  ghost: z.object({ pid: z.int(), hits_before_kill: z.array(HitFile) }).nullish(),
  page_cache: z.object({ hits: z.array(z.object({ path: z.string(), phys: z.int() })) }).nullish(),
  tcp_sockets: z.record(z.string(), z.array(z.string())),
});
