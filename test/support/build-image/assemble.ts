import { AnonymousMemory } from './anonymous-memory.ts';
import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { MemoryRun, PhysicalMemory } from '../../../src/memory/physical-memory.ts';
import { FileTree } from './file-tree-writer.ts';
import { type ImageTruth, viewsOf } from './image-truth.ts';
import { KernelObjects } from './kernel-objects.ts';
import { kernelLayout } from './kernel-layout.ts';
import { timesOf, writeConstants, writeStatics } from './kernel-image-writer.ts';
import { KernelSpace } from './kernel-space.ts';
import { placeLoose, placeSent } from './loose-content-writer.ts';
import type { MachineOptions, MachineSpec } from './machine.ts';
import { PageArray } from './page-array-writer.ts';
import {
  GLOBAL,
  LARGE_PAGE,
  NO_EXECUTE,
  PageTables,
  PRESENT,
  USED,
  WRITABLE,
} from './page-table-writer.ts';
import { PagePlan, promiseFrames } from './page-plan.ts';
import { processTruth, regionTruth, socketsTruth } from './process-truth.ts';
import { borrowedPages, writeProcesses } from './processes-writer.ts';
import { Ram } from './ram.ts';
import { Random } from './random.ts';
import { Sockets } from './socket-writer.ts';

const LARGE = 0x20_0000;
const LARGE_FRAMES = LARGE / PAGE_BYTES;
const DEFAULT_RAM = 6 * LARGE;
/** The real-mode trampoline's table: maps the kernel too, its user half empty. */
const TRAMPOLINE = 0x9c;

export interface BuiltImage {
  /** As a raw image holds it: offset = physical address, holes zero. */
  readonly bytes: Uint8Array;
  readonly runs: readonly MemoryRun[];
  readonly memory: PhysicalMemory;
  readonly truth: ImageTruth;
  /** Addresses as they run, by the kernel's names: init_task, init_top_pgt, page_offset_base … */
  readonly symbols: Readonly<Record<string, bigint>>;
  /** Physical address of the kernel's top table. */
  readonly kernelRoot: number;
  /** Offset of a member, as this build has it: what the analyser must read from BTF. */
  offsetOf(type: string, path: string): number;
  /** Physical address of an address in the direct map or in the kernel image. */
  toPhysical(address: bigint): number;
}

/** Turns the description into bytes. The same description and seed give the same bytes. */
export function assemble(spec: MachineSpec): BuiltImage {
  const { options } = spec;
  const random = new Random(options.seed ?? 1);
  const ram = new Ram(options.ramBytes ?? DEFAULT_RAM, options.holes ?? [], random);
  const types = kernelLayout(options.kernel ?? '6.1', random);
  const space = placeKernel(spec, ram, random);
  const promised = promiseFrames(spec, ram);
  const objects = new KernelObjects(types, space, ram);
  const kernelTables = mapKernel(options, ram, space);
  const pageArray = new PageArray(types, space, ram, kernelTables);
  const statics = writeStatics(objects, options, space.textAddress(kernelTables.root));

  const files = new FileTree(objects, ram);
  const sockets = new Sockets(objects, files, ram);
  const plan = new PagePlan(spec, promised, ram, files);
  const anonymous = new AnonymousMemory(objects, spec.processes);
  const tools = { ...statics, objects, ram, random, files, sockets, plan, anonymous, kernelTables };
  const { bootTime } = timesOf(options);
  const { processes, freed, pidNamespace } = writeProcesses(spec, {
    ...tools,
    hasPti: options.pti ?? false,
    bootTime,
  });
  for (const orphan of spec.orphanSockets) sockets.leave(orphan);
  sockets.close();
  const sent = processes.flatMap((one) => placeSent(one, tools));
  const loose = [...placeLoose(spec, tools), ...sent, ...freed];
  files.close();
  const symbols = { ...statics.symbols, tcp_hashinfo: sockets.hashInfo, init_pid_ns: pidNamespace };
  writeConstants(objects, ram, options, symbols);
  for (const { from, to } of spec.reused) {
    const book = ram.books.get(plan.frameOf(to));
    if (book) ram.books.set(plan.frameOf(from), { ...book });
  }
  pageArray.write(statics.symbols['pgd_list'] ?? 0n);

  const spaces = processes.flatMap(({ space: own }) => (own ? [own] : []));
  const planted = spaces.flatMap((one) => one.planted);
  const pages = [...spaces.flatMap((one) => one.pages), ...processes.flatMap(borrowedPages)];
  return {
    bytes: ram.bytes,
    runs: ram.runs,
    memory: memoryOf(ram),
    symbols,
    kernelRoot: kernelTables.root,
    offsetOf: (type, path) => types.field(type, path).offset,
    toPhysical: (address) => space.toPhysical(address),
    truth: {
      texts: viewsOf(planted, pages),
      loose,
      pages,
      processes: processes.map((one) => processTruth(one, bootTime)),
      regions: processes.flatMap((one) => regionTruth(one)),
      sockets: socketsTruth(spec),
    },
  };
}

/** Low memory as firmware uses it, then the kernel image in a 2 MiB block that no wish of the test touches. */
function placeKernel(spec: MachineSpec, ram: Ram, random: Random): KernelSpace {
  const wished = new Set(
    spec.processes.flatMap(({ placed }) =>
      [...placed.values()].map((frame) => Math.floor(frame / LARGE_FRAMES)),
    ),
  );
  const isWhole = (block: number): boolean =>
    Array.from({ length: LARGE_FRAMES }, (_, at) => block * LARGE_FRAMES + at).every(
      (frame) => !ram.isTaken(frame),
    );
  const blocks = Array.from({ length: Math.floor(ram.frames / LARGE_FRAMES) }, (_, block) => block);
  const free = blocks.slice(1).filter((block) => !wished.has(block) && isWhole(block));
  const block = free[random.below(free.length)];
  if (block === undefined) throw new Error('Cannot place the kernel: no free 2 MiB of RAM');
  for (let frame = 0; frame < LARGE_FRAMES; frame += 1) {
    ram.books.set(ram.claim(block * LARGE_FRAMES + frame), { kind: 'reserved' });
    const isFirmware = frame === 0 || (frame >= TRAMPOLINE && frame < 0x100);
    if (isFirmware && !ram.isHole(frame)) ram.books.set(ram.claim(frame), { kind: 'reserved' });
  }
  return new KernelSpace(
    ram,
    random,
    spec.options.levels ?? 4,
    spec.options.kaslr ?? true,
    block * LARGE,
  );
}

function mapKernel(options: MachineOptions, ram: Ram, space: KernelSpace): PageTables {
  const size = options.pti ? 2 * PAGE_BYTES : PAGE_BYTES;
  const root = space.toPhysical(space.data(size, size));
  const tables = new PageTables(ram, space.levels, root);
  const large = PRESENT | WRITABLE | USED | LARGE_PAGE | GLOBAL;
  tables.set(space.text, BigInt(space.image) | large, 2);
  for (let at = 0; at < ram.frames * PAGE_BYTES; at += LARGE) {
    tables.set(space.directAddress(at), BigInt(at) | large | NO_EXECUTE, 2);
  }
  tables.prepare(space.vmalloc);
  tables.prepare(space.pages);
  if (!ram.isHole(TRAMPOLINE)) {
    const trampoline = new PageTables(ram, space.levels, TRAMPOLINE * PAGE_BYTES);
    trampoline.setTop(0, tables.top(topIndex(space, space.direct)));
    trampoline.setTop(511, tables.top(511));
  }
  return tables;
}

const topIndex = ({ levels }: KernelSpace, address: bigint): number =>
  Number((address >> BigInt(levels === 5 ? 48 : 39)) & 511n);

const memoryOf = ({ bytes, runs }: Ram): PhysicalMemory => ({
  runs,
  read(at, into) {
    const run = runs.find(({ start, length }) => at >= start && at < start + length);
    if (!run) return 0;
    const part = bytes.subarray(at, Math.min(at + into.length, run.start + run.length));
    into.set(part);
    return part.length;
  },
});
