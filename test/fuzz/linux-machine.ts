import { AddressSpace } from '../../src/translate/address-space.ts';
import { FIVE_LEVEL, FOUR_LEVEL } from '../../src/translate/levels.ts';
import { linuxRules } from '../../src/translate/linux-rules.ts';
import { PAGE_BYTES, physical, virtual } from '../../src/memory/address.ts';
import { buildLinux, type BuiltImage, type MachineOptions } from '../support/build-image.ts';
import { LINUX_STRUCTURES } from './linux-structures.ts';
import type { Machine, PlaceKind, Range } from './machine.ts';
import { entriesOf, tablesUnder, usedWords, type Word, words } from './places.ts';

const MIB = 2 ** 20;
const HEAP = 0x1000_0000n;
/** Structures reached from the tasks; a small machine has some hundreds. */
const MOST_OBJECTS = 5000;

/** Kernels and pagings that mutants start from. */
const VARIANTS: readonly MachineOptions[] = [
  { kernel: '6.1', levels: 4 },
  { kernel: '5.10', levels: 4, pti: true },
  { kernel: '6.6', levels: 5 },
  { kernel: '6.1', levels: 5, pti: true, vmcoreinfo: false },
  { kernel: '6.6', levels: 4, kaslr: false, vmcoreinfo: false },
  { kernel: '5.10', levels: 5, kallsyms: false },
];

export const linuxMachines = VARIANTS.map(
  (options, variant) => (indicator: string) => linuxMachine(options, variant, indicator),
);

function linuxMachine(variant: MachineOptions, number: number, indicator: string): Machine {
  const options: MachineOptions = {
    ...variant,
    seed: 11 + number,
    ramBytes: 6 * MIB,
    holes: [
      [0xa_0000, 0x6_0000],
      [5 * MIB, MIB / 16],
    ],
  };
  const built = describe(options, indicator).build();
  const { kernel = '6.1', levels = 4 } = options;
  const word = words(built.bytes);
  const direct = word(built.toPhysical(built.symbols['page_offset_base'] ?? 0n));
  const roots = built.truth.processes.flatMap(({ pageTable }) => pageTable ?? []);
  const tables = tablesUnder(word, [built.kernelRoot, ...roots], levels);
  const texts = placesOfText(built.bytes, 'OSRELEASE=');
  const places: PlaceKind[] = [
    { name: 'page-table entry', at: entriesOf(word, tables), width: 'entry', weight: 25 },
    ...membersOf(built, word, direct),
    { name: 'pointer', at: pointersOf(built, word, direct), width: 8, weight: 15 },
    ...typesOf(built),
    ...symbolsOf(built),
    { name: 'struct page', at: pageArrayOf(built, word, levels), width: 8, weight: 6 },
    { name: 'VMCOREINFO', at: bytesOf(built.bytes.length, texts, 600), width: 1, weight: 3 },
    { name: 'used page', at: usedWords(built.bytes), width: 8, weight: 6 },
  ];
  return {
    name: [kernel, `${levels} levels`, ...Object.keys(variant).slice(2)].join(', '),
    bytes: built.bytes,
    runs: built.runs,
    free: freeStretch(built),
    kernelAddress: (at) => direct + BigInt(at),
    tables,
    root: built.kernelRoot,
    vmcoreinfo: textAt(built.bytes, 'OSRELEASE='),
    places: places.filter(({ at }) => at.length > 0),
  };
}

/** Something of everything that an answer is made of. */
function describe(options: MachineOptions, indicator: string) {
  const machine = buildLinux(options);
  const path = '/var/log/proxy/access.log';
  const beacon = machine
    .process('beacon', { pid: 100, exe: '/usr/bin/beacon', uid: 1000, threads: 2 })
    .region(HEAP, 6, { kind: 'heap' })
    .write(HEAP + 0xff0n, ` CONNECT ${indicator}:443 HTTP/1.1\r\nHost: ${indicator}\r\n`)
    .write(HEAP + 0x2010n, `utf16 ${indicator} `)
    .region(0x2000_0000n, 2, { kind: 'anon' })
    .write(0x2000_0100n, indicator)
    .protNone(0x2000_0000n)
    .region(0x5000_0000n, 3, { kind: 'file', path })
    .touch(0x5000_0000n)
    .socket({ local: '10.0.0.5:51000', remote: '172.31.0.250:8080' })
    .socket({ local: '[2001:db8::5]:51001', remote: '[2001:db8::2]:443' })
    .sent(`CONNECT ${indicator}:443 HTTP/1.1\r\n\r\n`);
  const browser = machine
    .process('browser', { pid: 205, ppid: 100, exe: '/usr/bin/browser' })
    .region(HEAP, 4, { kind: 'heap' })
    .write(HEAP + 0x20n, `https://${indicator}/a?b=c`)
    .region(0x6000_0000n, 2, { kind: 'shm', path: '/dev/shm/ring' })
    .touch(0x6000_0000n)
    .write(0x6000_0ff8n, ` ${indicator} `)
    .region(0x7000_0000n, 1, { kind: 'anon' })
    .share(beacon, 0x7000_0000n, HEAP)
    .socket({ local: '10.0.0.5:51002', remote: `${indicator}:443` })
    .socket({ protocol: 'udp', local: '0.0.0.0:68' });
  for (let index = 0; index < 40; index += 1) {
    browser.region(0x7f00_0000_0000n + BigInt(index * 0x5000), 2, { kind: 'anon' });
  }
  machine.process('hider', { pid: 300, hidden: true }).maps(HEAP, indicator);
  machine.process('large', { pid: 310 }).region(0x4000_0000n, 512, { kind: 'anon' });
  machine.process('ended', { pid: 320, state: 'zombie' });
  machine.process('gone', { pid: 330, state: 'gone' }).maps(HEAP, ` ${indicator} `);
  machine.process('borrower', { pid: 340, ppid: 100, sharesMemoryWith: 100 });
  machine.process('kworker', { pid: 50, kernelThread: true });
  machine.orphanSocket({ local: '10.0.0.5:51003', remote: `${indicator}:443` });
  return machine
    .pageCache(path, ` ${indicator} \n`)
    .free(` ${indicator} `)
    .slab(` ${indicator} `)
    .adjacent(beacon, HEAP + 0x3000n, browser, HEAP + 0x1000n);
}

/** Members of every structure that the tasks lead to, and of a few statics. */
function membersOf(built: BuiltImage, word: Word, direct: bigint): PlaceKind[] {
  const seen = new Set<string>();
  const places = new Map<string, number[]>();
  const { symbols } = built;
  const pending: [type: string, address: bigint][] = [
    ['task_struct', symbols['init_task'] ?? 0n],
    ['timekeeper', (symbols['tk_core'] ?? 0n) + 8n],
    ['pid_namespace', symbols['init_pid_ns'] ?? 0n],
    ...built.truth.processes.map(({ object }): [string, bigint] => ['task_struct', object]),
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [type, address] = next;
    const at = isInRam(built, address, direct) ? built.toPhysical(address) : -1;
    const key = `${type} ${at}`;
    if (at < 0 || seen.has(key) || seen.size > MOST_OBJECTS) continue;
    seen.add(key);
    const { fields = [], leads = {} } = LINUX_STRUCTURES[type] ?? {};
    for (const field of fields) {
      const offset = offsetOrNull(built, type, field);
      if (offset === null) continue;
      const name = `${type}.${field}`;
      places.set(name, [...(places.get(name) ?? []), at + offset]);
      const target = leads[field];
      if (target !== undefined) pending.push([target, word(at + offset)]);
      if (name === 'fdtable.fd') {
        for (let slot = 0; slot < 8; slot += 1) {
          pending.push(['file', word(built.toPhysical(word(at + offset)) + slot * 8)]);
        }
      }
    }
  }
  return [...places].map(([name, at]) => ({ name, at, width: 8 }));
}

const isInRam = (built: BuiltImage, address: bigint, direct: bigint): boolean =>
  (address >= direct && address < direct + BigInt(built.bytes.length)) ||
  (address >= 0xffff_ffff_8000_0000n && built.toPhysical(address) < built.bytes.length);

function offsetOrNull(built: BuiltImage, type: string, path: string): number | null {
  try {
    return built.offsetOf(type, path);
  } catch {
    return null;
  }
}

/** Everything that looks like an address of the kernel's: lists, trees and tables of any kind. */
function pointersOf(built: BuiltImage, word: Word, direct: bigint): number[] {
  const places: number[] = [];
  for (let at = 0; at < built.bytes.length; at += 8) {
    const value = word(at);
    if (value > 1n << 63n && isInRam(built, value, direct)) places.push(at);
  }
  return places;
}

/** BTF by its parts: header, records of types, names. */
function typesOf(built: BuiltImage): PlaceKind[] {
  const start = built.toPhysical(built.symbols['__start_BTF'] ?? 0n);
  const view = new DataView(built.bytes.buffer);
  const types = start + 24;
  const strings = types + view.getUint32(start + 16, true);
  const all = bytesOf(built.bytes.length, [start], 24 + view.getUint32(start + 16, true));
  return [
    { name: 'BTF header', at: all.slice(0, 24), width: 4, weight: 3 },
    {
      name: 'BTF record',
      at: all.slice(24).filter((at) => at % 4 === types % 4),
      width: 4,
      weight: 12,
    },
    { name: 'BTF byte', at: all, width: 1, weight: 3 },
    { name: 'BTF name', at: bytesOf(built.bytes.length, [strings], 4096), width: 1, weight: 2 },
  ];
}

function symbolsOf(built: BuiltImage): PlaceKind[] {
  return Object.entries(built.symbols)
    .filter(([name]) => name.startsWith('kallsyms_') || name.endsWith('_base'))
    .map(([name, at]) => ({
      name,
      at: bytesOf(built.bytes.length, [built.toPhysical(at)], 1024).filter((one) => one % 2 === 0),
      width: 4,
    }));
}

/** The array of struct page, through the kernel's own tables. */
function pageArrayOf(built: BuiltImage, word: Word, levels: 4 | 5): number[] {
  const mode = levels === 5 ? FIVE_LEVEL : FOUR_LEVEL;
  const rules = linuxRules({ encryptionMask: 0n });
  const space = new AddressSpace(built.memory, physical(built.kernelRoot), mode, rules);
  const map = word(built.toPhysical(built.symbols['vmemmap_base'] ?? 0n));
  const pages = Math.ceil(((built.bytes.length / PAGE_BYTES) * 64) / PAGE_BYTES);
  return Array.from({ length: pages }, (_, index) => map + BigInt(index * PAGE_BYTES)).flatMap(
    (at) => {
      const page = space.translate(virtual(at))?.physical;
      return page === undefined ? [] : Array.from({ length: 512 }, (_, slot) => page + slot * 8);
    },
  );
}

/** The longest stretch of zeros, up to 256 KiB. */
function freeStretch({ bytes, runs }: BuiltImage): Range {
  let best = { start: 0, length: 0 };
  for (const { start, length } of runs) {
    let from: number = start;
    for (let at: number = start; at < start + length && best.length < MIB / 4; at += PAGE_BYTES) {
      const isUsed = bytes.subarray(at, at + PAGE_BYTES).some((byte) => byte !== 0);
      if (isUsed) from = at + PAGE_BYTES;
      else if (at + PAGE_BYTES - from > best.length) {
        best = { start: from, length: at + PAGE_BYTES - from };
      }
    }
  }
  return best;
}

const bytesOf = (limit: number, starts: readonly number[], length: number): number[] =>
  starts
    .flatMap((start) => Array.from({ length }, (_, index) => start + index))
    .filter((at) => at < limit);

function placesOfText(bytes: Uint8Array, text: string): number[] {
  const buffer = Buffer.from(bytes.buffer);
  const places: number[] = [];
  for (let at = buffer.indexOf(text); at >= 0; at = buffer.indexOf(text, at + 1)) places.push(at);
  return places;
}

function textAt(bytes: Uint8Array, start: string): string {
  const [at] = placesOfText(bytes, start);
  if (at === undefined) return '';
  const buffer = Buffer.from(bytes.buffer);
  return buffer.toString('latin1', at, buffer.indexOf(0, at));
}
