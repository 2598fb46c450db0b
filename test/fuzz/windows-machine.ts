import { PAGE_BYTES } from '../../src/memory/address.ts';
import {
  type AssembledWindows,
  buildWindows,
  type WindowsBuilder,
  type WindowsOptions,
} from '../support/build-windows/build-windows.ts';
import { crashDump } from '../support/build-windows/crash-dump-writer.ts';
import { LAYOUT_TABLE } from '../support/build-windows/layout-table.ts';
import { pageOf } from '../support/build-windows/virtual-memory.ts';
import { vmwareFiles, vmwareSnapshot } from '../support/build-windows/vmware-writer.ts';
import type { Machine, PlaceKind, Range } from './machine.ts';
import { entriesOf, tablesUnder, usedWords, type Word, words } from './places.ts';

const MIB = 2 ** 20;
const HEAP = 0x2_0000_0000n;
/** RAM that the builder leaves alone: above System's top table, below what it hands out. */
const FREE: Range = { start: 3 * MIB, length: MIB / 4 };
const KERNEL_HALF = 0xffff_8000_0000_0000n;

/** Kernels and pagings that mutants start from. */
const VARIANTS: readonly WindowsOptions[] = [
  { build: 17763 },
  { build: 7601, kvaShadow: false },
  { build: 19041, kvaShadow: true, trimmedPool: true },
  { build: 9600, lowStub: false },
  { build: 14393, newEntries: false },
  { build: 26100, invalidPteMask: 0n },
];

export const windowsMachines = VARIANTS.map(
  (options, variant) => (indicator: string) => windowsMachine(options, variant, indicator),
);

function windowsMachine(variant: WindowsOptions, number: number, indicator: string): Machine {
  const built = describe({ ...variant, seed: 5 + number, runs: RUNS }, indicator).assemble();
  const free = mapFree(built);
  const bytes = built.ram.toBytes();
  const word = words(bytes);
  const roots = built.truth.processes.map(({ pageTable }) => pageTable);
  const tables = tablesUnder(word, [built.dtb, ...roots], 4);
  const pages = new Map([...built.kernel.frames].map(([page, frame]) => [frame, page]));
  const places: PlaceKind[] = [
    { name: 'page-table entry', at: entriesOf(word, tables), width: 'entry', weight: 25 },
    ...membersOf(built),
    ...pooledOf(built, word),
    { name: 'pointer', at: pointersOf(built, word), width: 8, weight: 15 },
    { name: 'book of a frame', at: booksOf(built, word), width: 8, weight: 8 },
    { name: 'shared page', at: sharedPageOf(built), width: 4, weight: 2 },
    { name: 'used page', at: usedWords(bytes), width: 8, weight: 10 },
  ];
  return {
    name: Object.entries(variant)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
    bytes,
    runs: RUNS.map(([start, length]) => ({ start, length })),
    free: FREE,
    // What the kernel has no address for is told as a place in the free memory.
    kernelAddress(at) {
      const page = pages.get(Math.floor(at / PAGE_BYTES));
      if (page === undefined) return free + BigInt(at % FREE.length);
      return (0xfffn << 52n) | (BigInt(page) << 12n) | BigInt(at % PAGE_BYTES);
    },
    tables,
    root: built.dtb,
    vmcoreinfo: '',
    places: places.filter(({ at }) => at.length > 0),
    files: {
      crashDump: (type) => crashDump(built, { type }),
      vmware: () => vmwareFiles(built),
      vmwareSnapshot: () => vmwareSnapshot(built),
    },
  };
}

/** The builder keeps 2 MiB pages of the kernel image and of the books in one piece. */
const RUNS = [
  [0, 0xa_0000],
  [MIB, 27 * MIB],
] as const;

const proxied = (port: number) => ({
  local: `10.0.0.5:${port}`,
  remote: '172.31.0.250:8080',
});

/** Something of everything that an answer is made of. */
function describe(options: WindowsOptions, indicator: string): WindowsBuilder {
  const machine = buildWindows(options);
  const shared = { kind: 'shared', path: 'IpcCache' } as const;
  const beacon = machine
    .process('beacon.exe', { pid: 2000, ppid: 560, threads: 3, commandLine: 'beacon.exe -q' })
    .region(HEAP, 8, { kind: 'private' })
    .write(HEAP + 0xff8n, `CONNECT ${indicator}:443 HTTP/1.1\r\nHost: ${indicator}\r\n`)
    .write(HEAP + 0x2800n, `utf16 http://${indicator}/b`)
    .page(HEAP + 0x4000n, 'demand-zero')
    .page(HEAP + 0x5000n, 'paged-out')
    .page(HEAP + 0x6000n, 'compressed')
    .region(2n * HEAP, 4, shared)
    .write(2n * HEAP, ` ${indicator} `)
    .socket(proxied(51_000))
    .socket({ local: '[2001:db8::5]:51001', remote: '[2001:db8::2]:443' });
  const reader = machine
    .process('reader.exe', { pid: 2004 })
    .region(HEAP, 4, shared)
    .page(HEAP, 'vad-prototype')
    .region(2n * HEAP, 4, { kind: 'mapped', path: '\\Users\\alice\\proxy.log' })
    .write(2n * HEAP + 0x40n, ` ${indicator} `, { kind: 'prototype-transition' })
    .maps(3n * HEAP, ` ${indicator} `, { kind: 'transition' })
    .socket({ local: '10.0.0.5:51002', remote: `${indicator}:443` })
    .socket({ protocol: 'udp', local: '0.0.0.0:5353' })
    .socket({ local: '0.0.0.0:445' });
  for (let index = 0; index < 20; index += 1) {
    reader.region(4n * HEAP + BigInt(index * 0x5000), 2, { kind: 'private' });
  }
  machine
    .process('patched.exe', { pid: 2008 })
    .region(HEAP, 4, { kind: 'image', path: '\\Windows\\System32\\winhttp.dll' })
    .write(HEAP + 0x1000n, ` ${indicator} `, { copy: true });
  machine.process('large.exe', { pid: 2012 }).large(HEAP, ` ${indicator} `, 0x1_2345);
  machine.process('MemCompression', { pid: 1512, path: null });
  machine.process('hidden.exe', { pid: 2900, hidden: true }).maps(HEAP, ` ${indicator} `);
  machine.process('gone.exe', { pid: 3000, terminated: true }).maps(HEAP, ` ${indicator} `);
  machine.process('zombie.exe', { pid: 3004, lingering: true });
  machine.process('old32.exe', { pid: 3100, wow64: true }).maps(0x1000_0000n, ` ${indicator} `);
  return machine
    .adjacent(beacon, HEAP + 0x3000n, reader, HEAP + 0x1000n)
    .free(` ${indicator} `)
    .cached('\\Users\\alice\\list.txt', ` ${indicator} `)
    .pool('AfdB', ` ${indicator} `)
    .driver('netfilter2.sys', ` ${indicator} `)
    .orphanSocket(proxied(51_003));
}

/** Gives the free memory addresses of the kernel's, one behind the other: the first. */
function mapFree({ kernel, ram }: AssembledWindows): bigint {
  const start = kernel.addresses.systemArea + (1n << 30n);
  for (let at = 0; at < FREE.length; at += PAGE_BYTES) {
    kernel.mapPage(start + BigInt(at), ram.claim((FREE.start + at) / PAGE_BYTES));
  }
  return start;
}

/** Members of the process objects, all that the builder knows of. */
function membersOf({ layout, truth }: AssembledWindows): PlaceKind[] {
  const names = [...LAYOUT_TABLE.matchAll(/^offset ([EK]PROCESS\.\w+)/gm)].map(([, name]) => name);
  return names.flatMap((name) =>
    name !== undefined && layout.has(name)
      ? [
          {
            name,
            at: truth.processes.map(({ physical }) => physical + layout.at(name)),
            width: 8 as const,
          },
        ]
      : [],
  );
}

/** Words of pool blocks, by tag: regions, sections, files, tokens, threads, sockets. */
function pooledOf({ kernel }: AssembledWindows, word: Word): PlaceKind[] {
  const byTag = new Map<string, number[]>();
  for (const start of [kernel.addresses.nonPagedPool, kernel.addresses.pagedPool]) {
    for (let at = start; kernel.frames.has(pageOf(at));) {
      const header = word(kernel.physical(at));
      const bytes = Number((header >> 16n) & 0xffn) * 16;
      if (bytes === 0) {
        at = (at | 0xfffn) + 1n;
        continue;
      }
      const tag = Buffer.from(BigUint64Array.of(header).buffer).toString('latin1', 4);
      const places = byTag.get(tag) ?? [];
      for (let inside = 0; inside < bytes; inside += 8) {
        const place = at + BigInt(inside);
        if (kernel.frames.has(pageOf(place))) places.push(kernel.physical(place));
      }
      byTag.set(tag, places);
      at += BigInt(bytes);
    }
  }
  return [...byTag].map(([tag, at]) => ({ name: `pool ${tag}`, at, width: 8, weight: 2 }));
}

/** Everything that the kernel could take for an address of its own that leads somewhere. */
function pointersOf({ kernel, ram }: AssembledWindows, word: Word): number[] {
  const places: number[] = [];
  for (let at = 0; at < ram.limit * PAGE_BYTES; at += 8) {
    const value = word(at);
    if (value >= KERNEL_HALF && kernel.frames.has(pageOf(value))) places.push(at);
  }
  return places;
}

function booksOf({ kernel }: AssembledWindows, word: Word): number[] {
  const books = [...kernel.world.frames.pages.values()];
  return books.flatMap((first) =>
    Array.from({ length: (2 * MIB) / 8 }, (_, index) => first * PAGE_BYTES + index * 8).filter(
      (at) => word(at) !== 0n,
    ),
  );
}

/** KUSER_SHARED_DATA: version, clock, boot time. */
function sharedPageOf({ kernel }: AssembledWindows): number[] {
  const page = kernel.physical(0xffff_f780_0000_0000n);
  return Array.from({ length: 0x400 / 4 }, (_, index) => page + index * 4);
}
