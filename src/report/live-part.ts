import * as z from 'zod';
import { VERDICTS } from '../attribute/verdict.ts';

const count = z.number().int().nonnegative();
const time = z.iso.datetime().nullable();
const verdict = z.enum(['responsible', 'likely', 'possible', 'carrier-only']);

/** A connection of a live process, seen before or after the scan; there is no other time at which one is looked. */
const liveConnection = z.object({
  peer: z.enum(['proxy', 'indicator']),
  /** "10.20.0.5:3128". */
  remote: z.string(),
  localPort: z.number().int().nullable(),
  state: z.string().nullable(),
  seen: z.array(z.string()),
});

/** A process and one address that it holds or is connected to: several addresses are several entries. */
const liveProcess = z.object({
  rank: count,
  verdict,
  /** 0 to 100, by the image's points; live memory lacks those for sent bytes and for injected code. */
  score: z.number().int().min(0).max(100),
  indicator: z.string(),
  pid: z.number().int(),
  ppid: z.number().int().nullable(),
  name: z.string(),
  path: z.string().nullable(),
  commandLine: z.string().nullable(),
  user: z.string().nullable(),
  startTime: time,
  /** Its ancestors, as the client's process tracker saw them. */
  callChain: z.string().nullable(),
  /** Requests stand among the texts too: they do not add up. */
  hits: z.object({ requests: count, ascii: count, utf16: count, binary: count }),
  forms: z.array(z.string()),
  /** Text around the most telling hit. */
  context: z.string().nullable(),
  connections: z.array(liveConnection),
  /** Local ports on which it listens. */
  listens: z.array(z.number().int()),
  reasons: z.array(z.string()),
  /** The trade that explains its hits, where it has one. */
  carrier: z.string().nullable(),
  sha256: z.string().nullable(),
  signer: z.string().nullable(),
  container: z.string().nullable(),
  scanState: z.string(),
});

const liveHit = z.object({
  pid: z.number().int(),
  name: z.string(),
  indicator: z.string(),
  form: z.string(),
  /** In the process, in hexadecimal; of the character before, where one belongs to the match. */
  virtualAddress: z.string(),
  region: z.string(),
  place: z.string(),
  context: z.string(),
});

/** A process that the scan tells nothing of: read and without the address, or not read, and then why. */
const otherLiveProcess = z.object({
  pid: z.number().int(),
  name: z.string(),
  path: z.string().nullable(),
  startTime: time,
  /** Null: it was read. */
  notScanned: z.string().nullable(),
});

/** Where an answer is from; what is not known yet is null. */
const provenance = z.object({
  /** "host:8001". */
  server: z.string(),
  organisation: z.string().nullable(),
  /** Who we were there. */
  user: z.string(),
  /** As it was asked for: a name, an address or a client id. */
  asked: z.string(),
  client: z.string().nullable(),
  hostName: z.string().nullable(),
  /** An address says less than a name. */
  foundBy: z.enum(['client id', 'host name', 'address']).nullable(),
  flow: z.string().nullable(),
  /** Somebody, perhaps an earlier run of ours, had started it for the same question. */
  wasRunning: z.boolean(),
  /** Who started it. */
  startedBy: z.string().nullable(),
  artifact: z.string().nullable(),
  artifactVersion: z.string().nullable(),
  startedAt: time,
  endedAt: time,
  /** Page of the flow in Velociraptor. */
  link: z.string().nullable(),
});

const liveCoverage = z.object({
  /** The addresses that were looked for, and what of the question cannot be asked of a live machine. */
  searched: z.array(z.string()),
  notAsked: z.array(z.string()),
  processes: count,
  /** Whole or in part. */
  scanned: count,
  /** Of the scanned: with more hits than were counted. */
  partial: count,
  noAccess: count,
  timeout: count,
  exited: count,
  skipped: count,
  megabytes: count,
  seconds: count,
  /** "text and binary". */
  kinds: z.string(),
  connections: count,
  proxySource: z.string(),
  proxies: z.array(z.string()),
  /** Whether each process without the address is listed too. */
  listsAll: z.boolean(),
  /** Further hits are on the server only. */
  hitsAreCut: z.boolean(),
});

/** A side of a comparison. */
const side = z.object({
  pid: z.number().int(),
  name: z.string(),
  /** Null: nothing ties it to the indicator there. */
  verdict: verdict.nullable(),
  score: count.nullable(),
  hits: count.nullable(),
  /** Its connections to the proxy or to the indicator, in a few words. */
  connections: z.string(),
  /** Where there is no verdict: why. */
  state: z.string().nullable(),
});

/** One process as the image and the live scan know it. */
const comparison = z.object({
  match: z.enum(['same process', 'same program', 'PID reused', 'only image', 'only live']),
  /** What makes it the same. */
  by: z.string().nullable(),
  image: side.nullable(),
  live: side.nullable(),
  note: z.string(),
});

/** What the running machine answered, beside an image or alone. */
export const livePart = z.object({
  state: z.enum(['answered', 'waiting', 'failed']),
  /** Why there is no answer; null where there is one. */
  note: z.string().nullable(),
  provenance,
  answer: z
    .object({
      verdict: z.enum(VERDICTS),
      headline: z.string(),
      why: z.string(),
      doubt: z.string().nullable(),
    })
    .nullable(),
  processes: z.array(liveProcess),
  otherProcesses: z.array(otherLiveProcess),
  hits: z.array(liveHit),
  coverage: liveCoverage.nullable(),
  /** Empty where there is no image to compare with. */
  sideBySide: z.array(comparison),
});

export type LivePart = z.infer<typeof livePart>;
export type LiveProcess = LivePart['processes'][number];
export type LiveConnection = LiveProcess['connections'][number];
export type OtherLiveProcess = LivePart['otherProcesses'][number];
export type Comparison = LivePart['sideBySide'][number];
/** What a source of live answers gives; sentences and comparison are the report's. */
export type LiveFindings = Omit<LivePart, 'answer' | 'sideBySide'>;
