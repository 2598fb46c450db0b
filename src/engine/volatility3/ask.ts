import { Ip2ProcessError } from '../../errors.ts';
import { type Endpoint, type Process, type Socket } from '../../os/process.ts';
import type { Region } from '../../os/region.ts';
import { physical, virtual } from '../../memory/address.ts';
import { PageMap } from './page-map.ts';
import { PluginRow, type ProcessRecord, type SocketRecord } from './rows.ts';
import { runVolatility3, type Volatility3 } from './run.ts';

/** An image, and what is known about it. */
export interface Volatility3Question {
  /** Its path, or the descriptor of the unpacked image. */
  readonly image: string | number;
  /** Null: not known; then both are tried. */
  readonly system: 'windows' | 'linux' | null;
  /** The kernel's name, where it is known: for a failure's sentence. */
  readonly kernel?: string | null;
  /** Folder of our own plugins. */
  readonly plugins: string;
  readonly signal?: AbortSignal | undefined;
}

/** All that Volatility 3 says about an image, gathered in one run. */
export interface Volatility3Knowledge {
  readonly version: string | null;
  readonly system: { readonly kind: 'windows' | 'linux'; readonly release: string } | null;
  readonly processes: readonly Process[];
  /** Of each process, in their order; empty where it has none. */
  readonly regions: readonly (readonly Region[])[];
  /** By the physical address of the top table. */
  readonly pages: ReadonlyMap<number, PageMap>;
  /** For the bench: of the child, by part of its work. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakBytes: number | null;
  readonly warnings: readonly string[];
}

/**
 * Asks our plugin for processes, their pages, regions and sockets.
 *
 * @throws Ip2ProcessError `system`, `analysis` or `cancelled`, as `runVolatility3` does
 */
export async function askVolatility3(
  volatility: Volatility3,
  question: Volatility3Question,
): Promise<Volatility3Knowledge> {
  const kinds = question.system === null ? (['windows', 'linux'] as const) : [question.system];
  let failure: unknown = null;
  for (const kind of kinds) {
    try {
      return gathered(
        await runVolatility3(volatility, { ...question, plugin: `${kind}.ip2process` }, PluginRow),
      );
    } catch (error) {
      if (!(error instanceof Ip2ProcessError) || error.kind !== 'analysis') throw error;
      // The first one: where the kernel was found, it names the missing symbols.
      failure ??= error;
    }
  }
  throw failure;
}

/** Fewer than a process: what a tool prints in a report, not what it knows. */
const MOST_WARNINGS = 20;

function gathered(answer: {
  readonly rows: readonly PluginRow[];
  readonly version: string | null;
  readonly warnings: readonly string[];
}): Volatility3Knowledge {
  const warnings = new Set(answer.warnings);
  const records: ProcessRecord[] = [];
  const regions: Region[][] = [];
  const sockets = new Map<number, Socket[]>();
  const parts = new Map<number, Float64Array[]>();
  let system: Volatility3Knowledge['system'] = null;
  let end: Extract<PluginRow, { Kind: 'end' }>['Record'] | null = null;
  for (const row of answer.rows) {
    switch (row.Kind) {
      case 'system':
        system = row.Record;
        break;
      case 'process':
        records.push(row.Record);
        regions.push([]);
        break;
      case 'pages':
        push(parts, row.Record.table, doubles(row.Record.runs));
        break;
      case 'regions':
        for (const [start, stop, kind, name, protection] of row.Record.regions) {
          regions[row.Record.process]?.push({
            start: virtual(start),
            end: virtual(stop),
            kind,
            name,
            protection,
          });
        }
        break;
      case 'socket':
        push(sockets, row.Record.pid, socketOf(row.Record));
        break;
      case 'warning':
        warnings.add(row.Record.text);
        break;
      case 'end':
        end = row.Record;
    }
  }
  if (end === null) {
    throw new Ip2ProcessError(
      'system',
      'Cannot use what Volatility 3 said: its answer was cut off',
    );
  }
  return {
    version: answer.version,
    system,
    processes: records.map((record) => processOf(record, sockets.get(record.pid) ?? [])),
    regions: regions.map((one) => one.toSorted(byStart)),
    pages: new Map([...parts].map(([table, runs]) => [table, new PageMap(joined(runs))])),
    seconds: end.seconds,
    peakBytes: end.peakBytes,
    warnings: [...warnings].slice(0, MOST_WARNINGS),
  };
}

const processOf = (record: ProcessRecord, sockets: readonly Socket[]): Process => ({
  pid: record.pid,
  parentPid: record.parentPid,
  name: record.name,
  path: record.path,
  commandLine: record.commandLine,
  user: record.user,
  startTime: record.startTime,
  exitTime: record.exitTime,
  state: record.isExited ? 'exited' : 'alive',
  isHidden: record.isHidden,
  isKernelThread: record.isKernelThread,
  threads: record.threads,
  object: virtual(record.object),
  pageTable: record.pageTable === null ? null : physical(record.pageTable),
  sockets,
  session: record.session,
  isWow64: record.isWow64,
});

const socketOf = ({ protocol, family, local, remote, state }: SocketRecord): Socket => ({
  protocol,
  family,
  local: endpoint(local),
  remote: remote && endpoint(remote),
  state,
});

const endpoint = ([address, port]: readonly [string, number]): Endpoint => ({ address, port });

function doubles(text: string): Float64Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length >>> 3 }, (_, index) =>
    view.getFloat64(index * 8, true),
  );
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

const byStart = (one: Region, other: Region): number =>
  one.start < other.start ? -1 : one.start > other.start ? 1 : 0;
