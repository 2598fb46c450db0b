import * as z from 'zod';

/*
 * What plugin/ip2process_rows.py says: rows of a kind and a record as JSON. Volatility's renderers know flat columns
 * only; a table as wide as all kinds together would be mostly empty.
 */

const Hex = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/)
  .transform((text) => BigInt(text));
const Count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const Text = z.string().max(2 ** 16);
const Time = z
  .string()
  .nullable()
  .transform((text) => (text === null ? null : new Date(text)))
  .transform((time) => (time === null || Number.isNaN(time.getTime()) ? null : time));
const Ends = z.tuple([Text, z.number().int().min(0).max(65535)]);

const SystemRecord = z.object({ kind: z.enum(['windows', 'linux']), release: Text });

const ProcessRecord = z.object({
  pid: z.number().int(),
  parentPid: z.number().int().nullable(),
  name: Text,
  path: Text.nullable(),
  commandLine: Text.nullable(),
  user: Text.nullable(),
  startTime: Time,
  exitTime: Time,
  isExited: z.boolean(),
  isHidden: z.boolean(),
  isKernelThread: z.boolean(),
  threads: z.number().int().nullable(),
  object: Hex,
  /** Physical address of its top table. */
  pageTable: Count.nullable(),
  session: z.number().int().nullable(),
  isWow64: z.boolean(),
});

/** Runs of a table: doubles in threes, first page, first frame, pages; base64. */
const PagesRecord = z.object({
  table: Count,
  runs: z.base64().max(2 ** 20),
});

const RegionRecord = z.tuple([
  Hex,
  Hex,
  z.enum(['heap', 'stack', 'anonymous', 'file', 'image', 'shared-memory', 'special']),
  Text.nullable(),
  Text,
]);
/** `process`: how many processes were told before it. */
const RegionsRecord = z.object({ process: Count, regions: z.array(RegionRecord).max(4096) });

const SocketRecord = z.object({
  pid: z.number().int(),
  protocol: z.enum(['tcp', 'udp']),
  family: z.union([z.literal(4), z.literal(6)]),
  local: Ends,
  remote: Ends.nullable(),
  state: Text.nullable(),
});

const EndRecord = z.object({
  /** By part of the work. */
  seconds: z.record(z.string(), z.number()),
  peakBytes: Count.nullable(),
});

const json = <Type extends z.ZodType>(record: Type) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' });
        return z.NEVER;
      }
    })
    .pipe(record);

export const PluginRow = z.discriminatedUnion('Kind', [
  z.object({ Kind: z.literal('system'), Record: json(SystemRecord) }),
  z.object({ Kind: z.literal('process'), Record: json(ProcessRecord) }),
  z.object({ Kind: z.literal('pages'), Record: json(PagesRecord) }),
  z.object({ Kind: z.literal('regions'), Record: json(RegionsRecord) }),
  z.object({ Kind: z.literal('socket'), Record: json(SocketRecord) }),
  z.object({ Kind: z.literal('warning'), Record: json(z.object({ text: Text })) }),
  /** The last one: an answer without it was cut off. */
  z.object({ Kind: z.literal('end'), Record: json(EndRecord) }),
]);
export type PluginRow = z.infer<typeof PluginRow>;
export type ProcessRecord = z.infer<typeof ProcessRecord>;
export type SocketRecord = z.infer<typeof SocketRecord>;
