import * as z from 'zod';
import { VERDICTS } from '../attribute/verdict.ts';
import { agreementWord } from './agreement-part.ts';
import { coveragePart } from './coverage-part.ts';
import { livePart } from './live-part.ts';
import { secondOpinionPart } from './second-opinion-part.ts';
import { REPORT_VERSION } from './report-version.ts';

/** `0x` and hex digits: JSON numbers lose 64-bit addresses. */
const address = z.string().regex(/^0x[0-9a-f]+$/);
const count = z.number().int().nonnegative();
const counts = z.record(z.string(), count);
const time = z.iso.datetime().nullable();

const endpoint = z.object({ address: z.string(), port: z.number().int().min(0).max(65_535) });

const socket = z.object({
  protocol: z.enum(['tcp', 'udp']),
  local: endpoint,
  remote: endpoint.nullable(),
  state: z.string().nullable(),
});

/** A process that maps a hit; `virtualAddress` is of the indicator's first byte. */
const hitOwner = z.object({
  pid: z.number().int(),
  name: z.string(),
  virtualAddress: address,
  agreement: agreementWord,
  region: z.object({
    kind: z.string(),
    name: z.string().nullable(),
    protection: z.string().nullable(),
  }),
});

const hit = z.object({
  /** Canonical text of the indicator. */
  indicator: z.string(),
  form: z.string(),
  encoding: z.enum(['ascii', 'utf16le', 'binary']),
  /** Of the indicator's own first byte. */
  physicalAddress: address,
  /** In the image (after decompression); null where the image format stores the page compressed. */
  fileOffset: address.nullable(),
  /** Bytes of the indicator's own text. */
  length: count,
  /** Where the text lies: more than one part when it runs over distant frames. */
  parts: z.array(
    z.object({ physicalAddress: address, fileOffset: address.nullable(), length: count }),
  ),
  pageState: z.string(),
  /** Of the page state: the cached file's path, the slab's name. */
  pageDetail: z.string().nullable(),
  flags: z.array(z.string()),
  owners: z.array(hitOwner),
  /** Processes that gave these bytes to a socket; the kernel kept them. */
  sentBy: z.array(z.object({ pid: z.number().int(), name: z.string() })),
});

/**
 * A hit shown in its surroundings: `text` has one character for each unit of its encoding, what is not printable ASCII as a
 * dot; `at` and `length` say where the indicator stands in it. `bytes` are the same units in hex.
 */
const evidenceCard = z.object({
  text: z.string(),
  at: count,
  length: count,
  bytes: z.string().regex(/^([0-9a-f]{2}|\*\*)*$/),
  form: z.string(),
  encoding: z.enum(['ascii', 'utf16le', 'binary']),
  region: z.string(),
  regionName: z.string().nullable(),
  protection: z.string().nullable(),
  pageState: z.string(),
  physicalAddress: address,
  /** Null where the process sent the bytes, but they lie in kernel memory. */
  virtualAddress: address.nullable(),
  agreement: agreementWord.nullable(),
});

/** A contribution to the score; `reason` says why this kind counts. */
const contribution = z.object({
  kind: z.string(),
  points: z.number(),
  hits: count,
  reason: z.string(),
  discount: z.string().nullable(),
});

/** A stretch of a process' memory, for the picture of where its hits lie; `end` is exclusive. */
const regionEntry = z.object({
  start: address,
  end: address,
  kind: z.string(),
  name: z.string().nullable(),
  protection: z.string(),
  hits: count,
});

const processEntry = z.object({
  rank: count,
  verdict: z.enum(['responsible', 'likely', 'possible', 'carrier-only']),
  /** 0 to 100. */
  score: z.number().int().min(0).max(100),
  evidence: z.array(contribution),
  /** The trade that explains its hits, where it has one. */
  carrier: z.object({ kind: z.string(), reason: z.string() }).nullable(),
  /** Of a many-purpose program: "service Dnscache", "runs /opt/agent.py". */
  role: z.string().nullable(),
  /** Below 0: only its page tables were found; numbered from -1 down. */
  pid: z.number().int(),
  ppid: z.number().int().nullable(),
  parentName: z.string().nullable(),
  name: z.string(),
  path: z.string().nullable(),
  commandLine: z.string().nullable(),
  user: z.string().nullable(),
  startTime: time,
  exitTime: time,
  hidden: z.boolean(),
  exited: z.boolean(),
  kernelThread: z.boolean(),
  threads: count.nullable(),
  hits: z.object({
    total: count,
    /** Held by no other process. */
    exclusive: count,
    byIndicator: counts,
    byForm: counts,
    byRegion: counts,
    /** In bytes that it sent. */
    sent: count,
  }),
  connectedToProxy: z.boolean(),
  connectedToIndicator: z.boolean(),
  sockets: z.array(socket),
  /** Why it is suspected, and what speaks against it: a sentence each. */
  reasons: z.array(z.string()),
  counterReasons: z.array(z.string()),
  cards: z.array(evidenceCard),
  /** Only for the first processes; else empty. */
  regions: z.array(regionEntry),
});

/** A socket to the proxy or to an indicator, whoever has it. */
const connection = socket.extend({
  pid: z.number().int(),
  name: z.string(),
  peer: z.enum(['proxy', 'indicator']),
  holdsIndicator: z.boolean(),
});

/** A name or address that stands next to the indicator: worth a second look. */
const pivot = z.object({
  kind: z.enum(['domain', 'ipv4', 'ipv6', 'url']),
  text: z.string(),
  hits: count,
  pids: z.array(z.number().int()),
  /** Where it stood: "Host header", "CONNECT", "URL", "SNI", "DNS", "sent request"; several with commas. */
  source: z.string(),
});

/** Hits that no process maps, by what the kernel says of their frames. */
const orphanGroup = z.object({
  pageState: z.string(),
  pageDetail: z.string().nullable(),
  hits: count,
  byForm: counts,
});

/** The product of a run: everything that printers, the case and tests read. */
export const reportSchema = z.object({
  version: z.literal(REPORT_VERSION),
  tool: z.object({ name: z.literal('ip2process'), version: z.string() }),
  outcome: z.enum(['found', 'not-found', 'partial']),
  /** The answer in one sentence, the reason in one, the biggest doubt in one. */
  answer: z.object({
    verdict: z.enum(VERDICTS),
    headline: z.string(),
    why: z.string(),
    doubt: z.string().nullable(),
    /** The next best process, and by how many points it is behind; a tie when that is little. */
    runnerUp: z
      .object({ pid: z.number().int(), name: z.string(), score: count, margin: z.number() })
      .nullable(),
    isTie: z.boolean(),
    /** Where no talking process was found: hosts that processes asked the proxy for, the rarest first. */
    hostsToTry: z.array(z.string()),
  }),
  indicators: z.array(
    z.object({
      kind: z.string(),
      text: z.string(),
      given: z.string(),
      /** A pivot was not asked for, but followed from what stood next to the given ones. */
      origin: z.enum(['given', 'pivot']),
      hits: count,
    }),
  ),
  /** What the alert said of machine and time, as it was given. */
  alert: z.object({ host: z.string().nullable(), at: time }).nullable(),
  proxy: z
    .object({ address: z.string(), port: z.number(), source: z.enum(['given', 'inferred']) })
    .nullable(),
  /** Null: there was none, and only a running machine was asked. */
  image: z
    .object({
      path: z.string(),
      format: z.string(),
      container: z.string(),
      fileBytes: count,
      /** Of the file, as any other program would say it: packed or not. */
      sha256: z.string().nullable(),
    })
    .nullable(),
  system: z
    .object({
      kind: z.string(),
      release: z.string(),
      hostName: z.string().nullable(),
      timeZone: z.string().nullable(),
      bootTime: time,
      captureTime: time,
    })
    .nullable(),
  engine: z.string(),
  /** Processes with hits or a connection to the indicator, likeliest first. */
  processes: z.array(processEntry),
  /** The rest of the machine's processes: nothing ties them to an indicator. */
  otherProcesses: z.array(
    z.object({
      pid: z.number().int(),
      name: z.string(),
      kernelThread: z.boolean(),
      exited: z.boolean(),
      connectedToProxy: z.boolean(),
      /** Page-table pages of it that the image does not hold. */
      missingTables: count,
    }),
  ),
  hits: z.array(hit),
  orphans: z.array(orphanGroup),
  connections: z.array(connection),
  /** The processes above and their ancestors. */
  tree: z.array(
    z.object({
      pid: z.number().int(),
      ppid: z.number().int().nullable(),
      name: z.string(),
      verdict: z.string().nullable(),
    }),
  ),
  pivots: z.array(pivot),
  nextActions: z.array(z.object({ title: z.string(), command: z.string() })),
  /** How much of the memory's own text this report shows. */
  privacy: z.enum(['none', 'redacted', 'full']),
  coverage: coveragePart,
  /** What the running machine answered; null: it was not asked. */
  live: livePart.nullable(),
  /** What a second engine says about the same image; null: none was asked. */
  secondOpinion: secondOpinionPart.nullable(),
  warnings: z.array(z.string()),
  /** Milliseconds by phase. */
  timings: z.record(z.string(), z.number()),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportHit = Report['hits'][number];
export type ReportProcess = Report['processes'][number];
export type EvidenceCard = ReportProcess['cards'][number];
