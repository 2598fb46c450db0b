import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { Random } from '../build-image/random.ts';
import { AddressSpaceWriter } from './address-space-writer.ts';
import { EntryFormat, INVALID_PTE_MASK } from './entry-format.ts';
import { FrameDatabase } from './frame-database.ts';
import { kernelAddresses } from './kernel-addresses.ts';
import { KernelImage } from './kernel-image-writer.ts';
import { KernelSpace } from './kernel-space.ts';
import { type Layout, layoutOf } from './layout.ts';
import { writeLoose } from './loose-content-writer.ts';
import { writeLowStub } from './low-stub-writer.ts';
import type { WindowsOptions, WindowsPageName, WindowsSpec } from './machine.ts';
import { writeModules } from './module-writer.ts';
import { ObjectWriter } from './object-writer.ts';
import { planOf } from './process-plan.ts';
import { linkProcesses, writeProcesses } from './processes-writer.ts';
import { Ram } from './ram.ts';
import { Sections } from './sections.ts';
import { writeSendRequests } from './send-request-writer.ts';
import { writeSharedUserData } from './shared-user-data.ts';
import { writeSockets } from './socket-writer.ts';
import { writeStale } from './stale-frames-writer.ts';
import { spaceTruth } from './truth-writer.ts';
import type { WindowsTruth } from './truth.ts';

/** A machine whose RAM stands ready, not yet put into an image. */
export interface AssembledWindows {
  readonly ram: Ram;
  readonly truth: WindowsTruth;
  /** Physical address of System's top table. */
  readonly dtb: number;
  readonly layout: Layout;
  readonly kernel: KernelSpace;
}

const MIB = 2 ** 20;

export function assemble(spec: WindowsSpec): AssembledWindows {
  const { options } = spec;
  const layout = layoutOf(options.build ?? 17763);
  const random = new Random(options.seed ?? 1);
  const ram = new Ram(options.runs ?? [[0, options.ramBytes ?? 32 * MIB]], random);
  const capture = options.captureTime ?? new Date('2024-03-01T10:00:00Z');
  const boot = options.bootTime ?? new Date('2024-03-01T08:00:00Z');
  reserveLargePages(ram, spec);
  const kernel = kernelOf(ram, layout, random, options);
  for (const frame of [0, 1]) if (ram.isRam(frame)) ram.claim(frame);

  const image = new KernelImage(kernel, random, options.kernelHeader ?? true);
  const objects = new ObjectWriter(image);
  const sharedFrame = writeSharedUserData(kernel, { capture, boot });
  if (options.lowStub ?? true) writeLowStub(kernel);
  const modules = writeModules(image, spec.loose);

  const plans = spec.processes.map((process, index) => planOf(process, layout.build, index));
  const placed = placedFrames(ram, spec);
  const sections = new Sections(kernel, objects);
  sections.measure(plans.flatMap(({ regions }) => regions));
  const writers = plans.map(
    (plan) => new AddressSpaceWriter(kernel, plan, { sections, sharedFrame, placed }),
  );
  const isShadowed = hasShadow(options, layout);
  const processes = writeProcesses({ image, objects, writers, boot, isShadowed });
  const idle = linkProcesses(image, objects, processes);
  const sockets = writeSockets(kernel, spec, processes);
  writeSendRequests(kernel, processes);
  const loose = writeLoose(image, sections, modules, spec.loose);
  for (const { writer, truth } of processes) {
    if (truth.isTerminated) writer.space.release();
    else writer.knowUntouched();
  }
  if (options.trimmedPool === true) kernel.trimPagedPool();
  ram.endReserve();
  if (options.stale === true) {
    const planted = new Set(loose.map(({ physical }) => Math.floor(physical / PAGE_BYTES)));
    writeStale(kernel, writers, planted);
  }
  bookFreeFrames(ram, kernel);
  for (const { from, to } of spec.reused) {
    kernel.world.frames.copy(frameAt(writers, to), frameAt(writers, from));
  }

  const { hits, former, pages, regions } = spaceTruth(writers);
  return {
    ram,
    layout,
    kernel,
    dtb: kernel.tables.root,
    truth: {
      build: layout.build,
      processes: processes.map(({ truth }) => truth),
      idle: { object: idle, physical: kernel.physical(idle) },
      hits,
      orphans: [...loose, ...former],
      pages,
      regions,
      sockets,
      captureTime: capture,
      kernel: {
        image: image.base,
        selfIndex: kernel.addresses.selfIndex,
        frameDatabase: kernel.world.frames.base,
        processHead: image.at('PsActiveProcessHead'),
        modules: image.at('PsLoadedModuleList'),
        debuggerBlock: image.at('KdDebuggerDataBlock'),
      },
    },
  };
}

function kernelOf(ram: Ram, layout: Layout, random: Random, options: WindowsOptions): KernelSpace {
  const addresses = kernelAddresses(layout.build, ram.limit, random);
  const format = new EntryFormat(layout, {
    isNew: options.newEntries ?? true,
    mask: options.invalidPteMask ?? INVALID_PTE_MASK,
  });
  const frames = new FrameDatabase(ram, layout, addresses.frameDatabase);
  const guardsUser = hasShadow(options, layout);
  return new KernelSpace(ram, layout, { frames, addresses, format, guardsUser });
}

/** Intel machines of these builds shadow the kernel's half; newer processors need not. */
const hasShadow = ({ kvaShadow }: WindowsOptions, layout: Layout): boolean =>
  (kvaShadow ?? (layout.build >= 14393 && layout.build < 22000)) &&
  layout.has('KPROCESS.UserDirectoryTableBase');

/** For the kernel image, the books of frames, and what processes have. */
function reserveLargePages(ram: Ram, { processes }: WindowsSpec): void {
  const ours = processes.reduce((sum, { large }) => sum + large.size, 0);
  const bookBytes = ram.runs.reduce((sum, [, bytes]) => sum + (bytes / PAGE_BYTES) * 0x30, 0);
  const books = Math.ceil(bookBytes / (2 * MIB)) + ram.runs.length;
  ram.reserveLarge(IMAGE_LARGE_PAGES + books + ours);
}

/** The image's header and up to three more, wherever its symbols lie. */
const IMAGE_LARGE_PAGES = 4;

/** Frames that the test chose, by `${pid} ${page}`; neighbours for those that are to be neighbours. */
function placedFrames(ram: Ram, spec: WindowsSpec): Map<string, number> {
  const placed = new Map<string, number>();
  for (const { options, placed: own } of spec.processes) {
    for (const [page, frame] of own) placed.set(`${options.pid} ${page}`, ram.claim(frame));
  }
  for (const { first, second } of spec.adjacent) {
    const frame = ram.takeRun(2, 2);
    placed.set(`${first.pid} ${first.page}`, frame);
    placed.set(`${second.pid} ${second.page}`, frame + 1);
  }
  return placed;
}

function frameAt(writers: readonly AddressSpaceWriter[], { pid, page }: WindowsPageName): number {
  const writer = writers.find(({ plan }) => plan.spec.options.pid === pid);
  const frame = writer?.space.frames.get(page);
  if (frame === undefined) throw new Error(`Cannot find page ${page} of process ${pid}`);
  return frame;
}

/** What nobody took is zeroed and has no entry. */
function bookFreeFrames(ram: Ram, kernel: KernelSpace): void {
  for (const [start, bytes] of ram.runs) {
    for (let frame = start / PAGE_BYTES; frame < (start + bytes) / PAGE_BYTES; frame += 1) {
      if (ram.isTaken(frame)) continue;
      kernel.world.frames.write(frame, { location: 'zeroed', pteAddress: 0n, pteFrame: 0 });
    }
  }
}
