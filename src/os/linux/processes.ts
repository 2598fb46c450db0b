import { physical, virtual, type PhysicalAddress } from '../../memory/address.ts';
import { AddressSpace } from '../../translate/address-space.ts';
import type { Process, Socket } from '../process.ts';
import type { Clock } from './clock.ts';
import type { Kernel } from './kernel.ts';
import type { Paths } from './paths.ts';
import { isKernelAddress, Structures } from './structures.ts';
import { threadsOf, type Task } from './tasks.ts';

/** Linux, include/linux/sched.h */
const PF_KTHREAD = 0x0020_0000;
const COMM_BYTES = 16;
/** Arguments can have 2 MiB; whoever reads a report needs their beginning. */
const MAX_ARGUMENTS = 16_384;
const MAX_THREADS = 4_194_304;

/** A process and the memory that is its own. */
export interface LinuxProcess {
  readonly process: Process;
  /** struct mm_struct; 0 where it has none. */
  readonly mm: bigint;
  readonly space: AddressSpace | null;
}

/** What is read of every process beside its own structures. */
export interface ProcessSources {
  readonly paths: Paths;
  readonly clock: Clock | null;
  readonly sockets: (task: bigint) => readonly Socket[];
}

/** Turns tasks into processes. Processes with one memory get one address space. */
export function processReader(
  kernel: Kernel,
  sources: ProcessSources,
): (task: Task) => LinuxProcess {
  const { structures } = kernel;
  const layout = processLayout(kernel);
  const spaces = new Map<PhysicalAddress, AddressSpace>();

  const spaceOf = (mm: bigint): AddressSpace | null => {
    const directory = structures.pointer(mm, layout.directory);
    const root = kernel.space.translate(virtual(directory))?.physical;
    if (root === undefined || root % 4096 !== 0) return null;
    const known = spaces.get(root);
    const { mode, rules } = kernel.space;
    const space = known ?? new AddressSpace(kernel.memory, physical(root), mode, rules);
    spaces.set(root, space);
    return space;
  };

  return ({ address, pid, isHidden }) => {
    const name = structures.text(address + layout.comm, COMM_BYTES);
    const running = runningThread(kernel, layout, address);
    const mm = structures.pointer(running, layout.mm);
    const space = mm === 0n ? null : spaceOf(mm);
    if (mm !== 0n && space === null) {
      kernel.warn(
        `The page tables of process ${pid} (${name}) are not in the image: its memory has no owner here`,
      );
    }
    const isKernelThread = mm === 0n && (structures.u32(address, layout.flags) & PF_KTHREAD) !== 0;
    const parent = structures.pointer(address, layout.parent);
    const signal = structures.pointer(address, layout.signal);
    const credentials = structures.pointer(address, layout.credentials);
    const threads = structures.u32(signal, layout.threads);
    const hasExited = structures.u32(address, layout.exitState) !== 0 && mm === 0n;
    const start = structures.pointer(address, layout.start);
    const process: Process = {
      pid,
      parentPid: isKernelAddress(parent) ? structures.u32(parent, layout.tgid) : null,
      name,
      path: mm === 0n ? null : sources.paths.ofFile(structures.pointer(mm, layout.file)),
      commandLine: space === null ? null : commandLine(kernel, layout, mm, space),
      user: isKernelAddress(credentials) ? `${structures.u32(credentials, layout.user)}` : null,
      startTime: sources.clock?.at(start) ?? null,
      exitTime: null,
      state: hasExited ? 'exited' : 'alive',
      isHidden,
      isKernelThread,
      threads: threads > 0 && threads <= MAX_THREADS ? threads : null,
      object: virtual(address),
      pageTable: space?.root ?? null,
      sockets: sources.sockets(running),
    };
    return { process, mm, space };
  };
}

type ProcessLayout = ReturnType<typeof processLayout>;

const processLayout = ({ btf }: Kernel) => {
  const task = (path: string): number => btf.offset('task_struct', path);
  const mm = (path: string): number => btf.offset('mm_struct', path);
  return {
    comm: BigInt(task('comm')),
    mm: task('mm'),
    flags: task('flags'),
    tgid: task('tgid'),
    parent: task('real_parent'),
    signal: task('signal'),
    credentials: task('cred'),
    exitState: task('exit_state'),
    // Named real_start_time before 5.5.
    start: btf.offsetOrNull('task_struct', 'start_boottime') ?? task('real_start_time'),
    threads: btf.offset('signal_struct', 'nr_threads'),
    user: btf.offset('cred', 'euid'),
    directory: mm('pgd'),
    file: mm('exe_file'),
    argumentStart: mm('arg_start'),
    argumentEnd: mm('arg_end'),
    environmentEnd: mm('env_end'),
  };
};

/** The leader, or another thread where the leader has ended and others run on: only those have memory and files. */
function runningThread(kernel: Kernel, layout: ProcessLayout, leader: bigint): bigint {
  const { structures } = kernel;
  if (structures.u32(leader, layout.exitState) === 0) return leader;
  const runs = (thread: bigint): boolean => isKernelAddress(structures.pointer(thread, layout.mm));
  return threadsOf(kernel, leader).find(runs) ?? leader;
}

/**
 * Arguments, NULs as spaces. A process that renames itself overwrites them, and their last NUL: then it is one text that
 * may run on into the environment (Linux, fs/proc/base.c, get_mm_cmdline).
 */
function commandLine(
  kernel: Kernel,
  layout: ProcessLayout,
  mm: bigint,
  space: AddressSpace,
): string | null {
  const { structures } = kernel;
  const start = structures.pointer(mm, layout.argumentStart);
  const end = structures.pointer(mm, layout.argumentEnd);
  const last = structures.pointer(mm, layout.environmentEnd);
  if (start >= end || isKernelAddress(start)) return '';

  const user = new Structures(space);
  const length = (to: bigint): number => Number(to - start);
  const bytes = user.bytes(start, Math.min(length(end), MAX_ARGUMENTS));
  if (bytes.length === 0) return null;
  if (length(end) <= MAX_ARGUMENTS && bytes.length === length(end) && bytes.at(-1) !== 0) {
    return user.text(start, Math.min(Math.max(length(last), length(end)), MAX_ARGUMENTS));
  }
  return bytes.toString('utf8').replaceAll('\0', ' ').trim();
}
