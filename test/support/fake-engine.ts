import type { Attribution } from '../../src/attribute/attribution.ts';
import type { Holdings } from '../../src/attribute/holdings.ts';
import type { Occurrence, Owner } from '../../src/attribute/occurrence.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { noEngine } from '../../src/engine/none.ts';
import { PAGE_BYTES, physical, type VirtualAddress, virtual } from '../../src/memory/address.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import type { Process } from '../../src/os/process.ts';
import type { Region, RegionKind } from '../../src/os/region.ts';
import type { OperatingSystem } from '../../src/os/operating-system.ts';
import { AddressSpace } from '../../src/translate/address-space.ts';
import { FOUR_LEVEL } from '../../src/translate/levels.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';
import type { Findings } from '../../src/report/findings.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';

/** An ordinary process; tests say what is special about it. */
export const processOf = (changes: Partial<Process> = {}): Process => ({
  pid: 42,
  parentPid: 1,
  name: 'beacond',
  path: '/usr/local/sbin/beacond',
  commandLine: '/usr/local/sbin/beacond',
  user: '0',
  startTime: null,
  exitTime: null,
  state: 'alive',
  isHidden: false,
  isKernelThread: false,
  threads: 1,
  object: virtual(0xffff_8880_0000_0000n),
  pageTable: physical(0x1000),
  sockets: [],
  ...changes,
});

export const PROXY = { address: '172.31.0.250', port: 8080, source: 'given' } as const;

/** An open connection from this machine. */
export const socketTo = (address: string, port: number): Process['sockets'][number] => ({
  protocol: 'tcp',
  family: 4,
  local: { address: '172.31.16.50', port: 40_000 },
  remote: { address, port },
  state: 'ESTABLISHED',
});

export const regionOf = (kind: RegionKind, changes: Partial<Region> = {}): Region => ({
  start: virtual(0x10_0000n),
  end: virtual(0x20_0000n),
  kind,
  name: null,
  protection: 'rw-p',
  ...changes,
});

/** Owner of an occurrence: process 0 at 0x100100 in its heap, unless said otherwise. */
export const ownerOf = (changes: Partial<Owner> = {}): Owner => ({
  process: 0,
  space: 0,
  address: virtual(0x10_0100n),
  region: regionOf('heap'),
  state: 'valid',
  isExecutable: false,
  agreement: 'unchecked',
  ...changes,
});

export function occurrenceOf(
  changes: Partial<Occurrence> = {},
  text = '35.178.122.152',
): Occurrence {
  const context = Buffer.from(`before ${text} behind`);
  return {
    indicator: 0,
    form: 'text',
    encoding: 'ascii',
    parts: [{ address: physical(0x5100), length: text.length }],
    owners: [ownerOf()],
    pageState: { kind: 'anonymous', detail: null },
    flags: [],
    context,
    contextStart: 7,
    length: text.length,
    ...changes,
  };
}

export const holdingsWith = (changes: Partial<Holdings> = {}): Holdings => ({
  occurrences: [0],
  byForm: new Map([['text', 1]]),
  byRegion: new Map([['heap', 1]]),
  exclusive: 1,
  inPrivateCode: 0,
  requests: 0,
  inLists: 0,
  contradicted: 0,
  units: 0.48,
  ...changes,
});

export const attributionOf = (changes: Partial<Attribution> = {}): Attribution => ({
  process: 0,
  holdings: holdingsWith(),
  sent: [],
  askedFor: [],
  isConnectedToProxy: false,
  isConnectedToIndicator: false,
  carrier: null,
  role: null,
  httpLibrary: null,
  evidence: [],
  score: 10,
  verdict: 'possible',
  ...changes,
});

/** Memory of processes as a test tells it: pieces of space 0, all else is not there. */
export function fakeEngine(
  changes: Partial<Engine> = {},
  pieces: readonly { readonly at: bigint; readonly bytes: Uint8Array | string }[] = [],
): Engine {
  const pages = pagesOf(pieces);
  return {
    ...noEngine(),
    name: 'fake',
    processes: [processOf()],
    processesOf: (space) => [space],
    read: (_space, address, into) => readPages(pages, address, into),
    ...changes,
  };
}

/** RAM of whole frames, zero but for the pieces. */
export function fakeMemory(
  bytes: number,
  pieces: readonly { readonly at: number; readonly bytes: Uint8Array | string }[] = [],
): PhysicalMemory {
  const ram = new Uint8Array(bytes);
  for (const piece of pieces) ram.set(bytesOf(piece.bytes), piece.at);
  return {
    runs: [{ start: physical(0), length: bytes, fileOffset: 0 }],
    read(at, into) {
      const held = ram.subarray(at, at + into.length);
      into.set(held);
      return held.length;
    },
  };
}

export function findingsOf(changes: Partial<Findings> = {}): Findings {
  const memory = fakeMemory(0x10_000);
  const source = { size: 0x10_000, fd: null, read: () => 0, close: () => undefined };
  return {
    toolVersion: 'test',
    indicators: [parseIndicator('35.178.122.152')],
    followed: new Set(),
    alert: null,
    image: {
      path: "it's.lime",
      format: 'raw',
      container: 'none',
      file: source,
      source,
      memory,
      hints: { vmcoreinfo: null, cr3: [] },
      layout: null,
      warnings: [],
      close: () => undefined,
    },
    sha256: null,
    system: null,
    engine: fakeEngine(),
    proxy: PROXY,
    located: { occurrences: [], nearMisses: 0 },
    attributions: [],
    pivots: [],
    pivotHosts: [],
    searched: {
      bytes: 2 ** 30,
      unreadableBytes: 0,
      hitsNotKept: [0],
      unreadableTables: [],
      notInMemory: null,
    },
    warnings: [],
    timings: {},
    ...changes,
  };
}

const bytesOf = (content: Uint8Array | string): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content, 'latin1') : content;

function pagesOf(
  pieces: readonly { readonly at: bigint; readonly bytes: Uint8Array | string }[],
): Map<bigint, Uint8Array> {
  const pages = new Map<bigint, Uint8Array>();
  for (const { at, bytes } of pieces) {
    for (const [index, byte] of bytesOf(bytes).entries()) {
      const address = at + BigInt(index);
      const number = address / BigInt(PAGE_BYTES);
      const page = pages.get(number) ?? new Uint8Array(PAGE_BYTES);
      page[Number(address % BigInt(PAGE_BYTES))] = byte;
      pages.set(number, page);
    }
  }
  return pages;
}

function readPages(
  pages: ReadonlyMap<bigint, Uint8Array>,
  address: VirtualAddress,
  into: Uint8Array,
): number {
  for (let done = 0; done < into.length;) {
    const at = address + BigInt(done);
    const page = pages.get(at / BigInt(PAGE_BYTES));
    if (!page) return done;
    const inPage = Number(at % BigInt(PAGE_BYTES));
    const piece = page.subarray(inPage, inPage + into.length - done);
    into.set(piece, done);
    done += piece.length;
  }
  return into.length;
}

/** A system that tells its name and clock, and has no memory of its own. */
export const fakeSystem = (changes: Partial<OperatingSystem> = {}): OperatingSystem => ({
  kind: 'linux',
  release: 'Linux 6.1.0',
  hostName: 'endpoint',
  timeZone: null,
  bootTime: new Date('2026-11-22T08:00:00Z'),
  captureTime: new Date('2026-11-22T10:00:00Z'),
  processes: [],
  spaces: [],
  kernel: new AddressSpace(
    fakeMemory(0x1000),
    physical(0),
    FOUR_LEVEL,
    linuxRules({ encryptionMask: 0n }),
  ),
  regions: () => [],
  pageState: () => ({ kind: 'unknown', detail: null }),
  warnings: [],
  ...changes,
});
