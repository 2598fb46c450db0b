import type { Kernel } from './kernel.ts';
import { listOf } from './linked-list.ts';
import { pidTable } from './pid-table.ts';
import { isKernelAddress } from './structures.ts';
import { tableOwners } from './table-list.ts';

/** A process: the leader of a group of threads. */
export interface Task {
  readonly address: bigint;
  readonly pid: number;
  /** Not in the kernel's list of processes, though something else leads to it. */
  readonly isHidden: boolean;
}

/** A machine of 4 TiB runs fewer. Linux, include/linux/threads.h: PID_MAX_LIMIT is 4 Mi. */
const MAX_TASKS = 131_072;
const MAX_PID = 4 * 2 ** 20;
/** Threads that ended while the image was taken stand in a list of threads; a list full of strangers is another list. */
const MAX_STRANGERS = 64;

/** Offsets in struct list_head. */
const NEXT = 0;
const PREVIOUS = 8;

/**
 * All processes in the system's order: its ring of tasks in both directions, so that one broken link costs nothing; then
 * those that only the table of process numbers, the list of page tables or a parent's list of children knows. Only where the ring was read whole
 * are these hidden; otherwise each of them leads to its neighbours in the ring, too.
 */
export function listTasks(kernel: Kernel): readonly Task[] {
  const layout = taskLayout(kernel);
  const found = new Map<bigint, Task>();
  const isWhole = walkRing(kernel, layout, found);
  const origin = isWhole ? 'beside the ring' : 'anywhere';

  const others = [
    ...pidTable(kernel, MAX_TASKS),
    ...tableOwners(kernel),
    ...relatives(kernel, layout, found, isWhole),
  ];
  for (const address of others) {
    if (!found.has(address)) add(kernel, layout, found, address, origin);
  }
  return [...found.values()];
}

/** The threads of a process, its leader among them; the leader alone where the list cannot be read. */
export function threadsOf(kernel: Kernel, leader: bigint): readonly bigint[] {
  const { btf, structures } = kernel;
  const node = btf.offsetOrNull('task_struct', 'thread_node');
  const head = btf.offsetOrNull('signal_struct', 'thread_head');
  const signal = structures.pointer(leader, btf.offset('task_struct', 'signal'));
  if (node === null || head === null || !isKernelAddress(signal)) return [leader];
  const threads: bigint[] = [];
  let strangers = 0;
  for (const at of listOf(kernel, signal + BigInt(head))) {
    const thread = at - BigInt(node);
    const isOwn = structures.pointer(thread, btf.offset('task_struct', 'signal')) === signal;
    if (isOwn) threads.push(thread);
    else if ((strangers += 1) > MAX_STRANGERS) break;
  }
  return threads.includes(leader) ? threads : [leader, ...threads];
}

type TaskLayout = ReturnType<typeof taskLayout>;

const taskLayout = ({ btf }: Kernel) => ({
  pid: btf.offset('task_struct', 'pid'),
  tgid: btf.offset('task_struct', 'tgid'),
  exitState: btf.offset('task_struct', 'exit_state'),
  leader: btf.offset('task_struct', 'group_leader'),
  tasks: BigInt(btf.offset('task_struct', 'tasks')),
  children: BigInt(btf.offset('task_struct', 'children')),
  sibling: BigInt(btf.offset('task_struct', 'sibling')),
});

/** Whether it was read whole: both ways together, if one of them is broken. */
function walkRing(kernel: Kernel, layout: TaskLayout, found: Map<bigint, Task>): boolean {
  const head = kernel.initTask.address + layout.tasks;
  for (const link of [NEXT, PREVIOUS]) {
    let at = kernel.structures.pointer(head, link);
    // A task met again: this direction bites its own tail, or the other one has been here.
    while (at !== head && !found.has(at - layout.tasks)) {
      if (!add(kernel, layout, found, at - layout.tasks, 'ring')) break;
      at = kernel.structures.pointer(at, link);
    }
    if (at === head) return true;
    if (link === NEXT) {
      kernel.warn(
        `The kernel's list of processes is broken after ${found.size} of them; it was read from its other end too, and processes between the two breaks can be missing`,
      );
    } else if (found.has(at - layout.tasks)) return true;
  }
  return false;
}

/**
 * Notes a process, and whether it is hidden. False where there is no leader of a thread group; beside the ring, where
 * there is none that lives: what died while the image was taken does not hide.
 */
function add(
  { structures }: Kernel,
  layout: TaskLayout,
  found: Map<bigint, Task>,
  address: bigint,
  origin: 'ring' | 'beside the ring' | 'anywhere',
): boolean {
  if (!isKernelAddress(address) || found.size >= MAX_TASKS) return false;
  const pid = structures.u32(address, layout.pid);
  const tgid = structures.u32(address, layout.tgid);
  if (pid === 0 || pid > MAX_PID || tgid === 0 || tgid > MAX_PID) return false;
  const isHidden = origin === 'beside the ring';
  if (isHidden && structures.u32(address, layout.exitState) !== 0) return false;
  const isLeader = pid === tgid && structures.pointer(address, layout.leader) === address;
  if (origin !== 'ring' && !isLeader) return false;
  found.set(address, { address, pid: tgid, isHidden });
  return true;
}

/** Children of the first task and of all that are known, and theirs in turn; and neighbours in a ring that is broken. */
function* relatives(
  kernel: Kernel,
  layout: TaskLayout,
  found: ReadonlyMap<bigint, Task>,
  isWhole: boolean,
): Generator<bigint> {
  const queue = [kernel.initTask.address, ...found.keys()];
  const seen = new Set(queue);
  // A child has one parent: lists that run into each other would be walked again from each of their nodes.
  const walked = new Set<bigint>();
  const links = isWhole ? [] : [NEXT, PREVIOUS];
  for (let task = queue.pop(); task !== undefined; task = queue.pop()) {
    const ring = task + layout.tasks;
    const near = links.map((link) => kernel.structures.pointer(ring, link) - layout.tasks);
    for (const at of listOf(kernel, task + layout.children)) {
      if (walked.has(at) || walked.size > MAX_TASKS) break;
      walked.add(at);
      near.push(at - layout.sibling);
    }
    for (const relative of near) {
      if (!isKernelAddress(relative) || seen.has(relative) || seen.size > MAX_TASKS) continue;
      seen.add(relative);
      queue.push(relative);
      yield relative;
    }
  }
}
