import { frameOf, physical, virtual, type Frame } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import type { AnchorHit } from '../../scan/anchor.ts';
import type { Agreement } from '../agreement.ts';
import { lazily } from '../lazily.ts';
import type { OperatingSystem, ProcessSpace } from '../operating-system.ts';
import { orElse } from '../or-else.ts';
import type { PageState } from '../page-state.ts';
import type { Process } from '../process.ts';
import type { Region } from '../region.ts';
import type { SentRange } from '../sent-range.ts';
import { agreementReader } from './agreement.ts';
import { readClock, type Clock } from './clock.ts';
import { endedTasks } from './ended-tasks.ts';
import { openKernel, type Kernel, type LinuxHints } from './kernel.ts';
import { pageStates } from './page-states.ts';
import { pathsOf, type Paths } from './paths.ts';
import { processReader, type LinuxProcess } from './processes.ts';
import { regionsOf } from './regions.ts';
import { sendQueues } from './send-queues.ts';
import { sentRanges } from './sent-ranges.ts';
import { socketReader } from './sockets.ts';
import { listTasks, type Task } from './tasks.ts';
import { threadStacks } from './thread-stacks.ts';
import { readTimeZone } from './time-zone.ts';
import { findVmemmap } from './vmemmap.ts';
import { vmasOf, type Vma } from './vmas.ts';

/** Processes whose stacks prove where the descriptions of frames are. */
const SAMPLES = 8;
const NO_PATHS: Paths = { ofFile: () => null, ofInode: () => null, fileSystem: () => '' };

/**
 * The Linux system of the image (x86-64, since 5.2), read by the type information that its own kernel carries: no symbol
 * file. Null where nothing speaks of Linux. Throws `Ip2ProcessError` of kind 'analysis' where it is Linux, but no process
 * can be listed. Whatever else is missing becomes a warning.
 */
export function openLinux(
  memory: PhysicalMemory,
  anchors: readonly AnchorHit[],
  hints: LinuxHints,
): OperatingSystem | null {
  const kernel = openKernel(memory, anchors, hints);
  if (kernel === null) return null;

  const paths = orElse(kernel, 'Paths of files are unknown', () => pathsOf(kernel), NO_PATHS);
  const clock = readClock(kernel);
  if (clock === null) {
    kernel.warn("The kernel's clock could not be read: there are no start times");
  }
  const sockets = orElse(
    kernel,
    'Sockets are unknown',
    () => socketReader(kernel),
    () => [],
  );
  const toProcess = processReader(kernel, { paths, clock, sockets });
  const tasks = listTasks(kernel);
  const known = tasks.map(toProcess);
  const byProcess = new Map(known.map((one) => [one.process, one]));
  const regions = new Map<Process, readonly Region[]>();
  const vmas = vmaReader(kernel);
  const pageMap = lazily(() => pageMapOf(kernel, known));
  const ended = endedOf(kernel, pageMap(), tasks, clock);
  const queued = lazily(() => sendQueues(kernel, pageMap()));
  const states = lazily(() => statesOf(kernel, paths, pageMap()));
  const agreement = lazily(() => agreementOf(kernel, pageMap(), known, vmas));
  const spaces = spacesOf(known);

  return {
    kind: 'linux',
    release: `Linux ${kernel.release}`,
    hostName: kernel.hostName,
    timeZone: orElse(kernel, 'The time zone is unknown', () => readTimeZone(kernel), null),
    bootTime: clock?.boot ?? null,
    captureTime: clock?.now ?? null,
    processes: [...known.map(({ process }) => process), ...ended],
    spaces,
    kernel: kernel.space,
    regions(process) {
      const cached = regions.get(process);
      if (cached !== undefined) return cached;
      const one = byProcess.get(process);
      const found = one === undefined ? [] : readRegions(kernel, paths, one, vmas);
      regions.set(process, found);
      return found;
    },
    pageState: (frame) => states()(frame),
    agreement(space, address, frame) {
      const one = known[spaces[space]?.processes[0] ?? -1];
      return one === undefined ? 'unchecked' : agreement()(one, address, frame);
    },
    sentRanges(process) {
      // What the remains of a process point at may be another's by now.
      if (ended.includes(process)) return [];
      const map = pageMap();
      const read = (): readonly SentRange[] => [
        ...(map === null ? [] : sentRanges(kernel, process.object, map)),
        ...queued()(process.object),
      ];
      return orElse(kernel, 'What processes sent is unknown', read, []);
    },
    warnings: kernel.warnings,
  };
}

function readRegions(
  kernel: Kernel,
  paths: Paths,
  one: LinuxProcess,
  vmas: (one: LinuxProcess) => readonly Vma[],
): readonly Region[] {
  const { process, mm } = one;
  if (mm === 0n) return [];
  const read = (): readonly Region[] =>
    regionsOf(kernel, paths, mm, vmas(one), threadStacks(kernel, process.object));
  return orElse(kernel, 'The purpose of memory is unknown', read, []);
}

/** Stretches of memory; of each process read once, so that what is missing is told once. */
function vmaReader(kernel: Kernel): (one: LinuxProcess) => readonly Vma[] {
  const read = new Map<bigint, readonly Vma[]>();
  return ({ process, mm }) => {
    const before = read.get(mm);
    if (before !== undefined) return before;
    const vmas = mm === 0n ? [] : vmasOf(kernel, mm, `Process ${process.pid} (${process.name})`);
    read.set(mm, vmas);
    return vmas;
  };
}

function spacesOf(known: readonly LinuxProcess[]): readonly ProcessSpace[] {
  const spaces = new Map<number, ProcessSpace & { readonly processes: number[] }>();
  known.forEach(({ space }, index) => {
    if (space === null) return;
    const shared = spaces.get(space.root) ?? { root: space.root, processes: [], space };
    shared.processes.push(index);
    spaces.set(space.root, shared);
  });
  return [...spaces.values()];
}

function pageMapOf(kernel: Kernel, known: readonly LinuxProcess[]): bigint | null {
  const map = findVmemmap(kernel, stackFrames(kernel, known));
  if (map === null) {
    kernel.warn(
      "The kernel's descriptions of page frames were not found: the state of frames that no process maps is unknown",
    );
  }
  return map;
}

function agreementOf(
  kernel: Kernel,
  map: bigint | null,
  known: readonly LinuxProcess[],
  vmas: (one: LinuxProcess) => readonly Vma[],
): ReturnType<typeof agreementReader> {
  if (map === null) return unchecked;
  const make = (): ReturnType<typeof agreementReader> => agreementReader(kernel, map, known, vmas);
  return orElse(kernel, 'Page tables are not checked against the books of frames', make, unchecked);
}

function endedOf(
  kernel: Kernel,
  map: bigint | null,
  tasks: readonly Task[],
  clock: Clock | null,
): readonly Process[] {
  if (map === null) return [];
  const read = (): readonly Process[] => endedTasks(kernel, map, tasks, clock);
  return orElse(kernel, 'Remains of processes that had ended are unknown', read, []);
}

function statesOf(kernel: Kernel, paths: Paths, map: bigint | null): (frame: Frame) => PageState {
  if (map === null) return unknownState;
  const read = (): ((frame: Frame) => PageState) => pageStates(kernel, paths, map);
  return orElse(kernel, 'States of frames are unknown', read, unknownState);
}

/** Frames that surely hold private memory: where the stacks of some processes begin. */
function stackFrames(
  { btf, structures }: Kernel,
  known: readonly LinuxProcess[],
): readonly Frame[] {
  const stack = btf.offset('mm_struct', 'start_stack');
  const frames: Frame[] = [];
  for (const { mm, space } of known) {
    const at = space?.translate(virtual(structures.pointer(mm, stack)))?.physical;
    if (at !== undefined) frames.push(frameOf(physical(at)));
    if (frames.length >= SAMPLES) break;
  }
  return frames;
}

const unchecked = (): Agreement => 'unchecked';
const unknownState = (): PageState => ({ kind: 'unknown', detail: null });
