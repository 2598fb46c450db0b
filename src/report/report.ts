import { z } from 'zod';

/** Version of the report's shape: the first number changes when a reader of the old shape would break. */
export const REPORT_VERSION = '1.0';

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
});

/** Text around a hit as printable ASCII, the rest as dots; `at` and `length` say where the indicator stands in it. */
const context = z.object({
  text: z.string(),
  at: count,
  length: count,
  form: z.string(),
  region: z.string(),
  physicalAddress: address,
  virtualAddress: address,
});

const processEntry = z.object({
  rank: count,
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
  }),
  connectedToProxy: z.boolean(),
  connectedToIndicator: z.boolean(),
  sockets: z.array(socket),
  /** Why it is suspected, and what speaks against it: a sentence each. */
  reasons: z.array(z.string()),
  counterReasons: z.array(z.string()),
  contexts: z.array(context),
});

/** Hits that no process maps, by what the kernel says of their frames. */
const orphanGroup = z.object({
  pageState: z.string(),
  pageDetail: z.string().nullable(),
  hits: count,
  byForm: counts,
});

const coverage = z.object({
  /** Bytes of RAM that the image holds, and how many of them were searched. */
  imageBytes: count,
  bytesSearched: count,
  /** Gaps between the image's runs, the first 64 of them; `end` is exclusive. */
  holes: z.array(z.object({ start: address, end: address })),
  holeCount: count,
  processes: count,
  kernelThreads: count,
  /** Processes some of whose page tables are not in the image: what only they map has no owner here. */
  incompleteProcesses: z.array(
    z.object({ pid: z.number().int(), name: z.string(), missingTables: count }),
  ),
  /** Texts at page edges that the owner's neighbouring page showed to be something else. */
  nearMissesAtPageEdges: count,
  /** Hits that were counted but not kept, by indicator. */
  hitsNotKept: counts,
});

/** The product of a run: everything that printers, the case and tests read. */
export const reportSchema = z.object({
  version: z.literal(REPORT_VERSION),
  tool: z.object({ name: z.literal('ip2process'), version: z.string() }),
  outcome: z.enum(['found', 'not-found', 'partial']),
  /** The answer in one sentence, the reason in one, the biggest doubt in one. */
  answer: z.object({ headline: z.string(), why: z.string(), doubt: z.string().nullable() }),
  indicators: z.array(
    z.object({ kind: z.string(), text: z.string(), given: z.string(), hits: count }),
  ),
  proxy: z
    .object({ address: z.string(), port: z.number(), source: z.enum(['given', 'inferred']) })
    .nullable(),
  image: z.object({
    path: z.string(),
    format: z.string(),
    container: z.string(),
    fileBytes: count,
    sha256: z.string().nullable(),
  }),
  system: z
    .object({
      kind: z.string(),
      release: z.string(),
      hostName: z.string().nullable(),
      bootTime: time,
      captureTime: time,
    })
    .nullable(),
  engine: z.string(),
  /** Processes with hits or a connection to the indicator, likeliest first. */
  processes: z.array(processEntry),
  hits: z.array(hit),
  orphans: z.array(orphanGroup),
  coverage,
  warnings: z.array(z.string()),
  /** Milliseconds by phase. */
  timings: z.record(z.string(), z.number()),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportHit = Report['hits'][number];
export type ReportProcess = Report['processes'][number];
