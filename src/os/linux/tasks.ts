import type { Kernel } from './kernel.ts';
import { pidTable } from './pid-table.ts';
import { isKernelAddress } from './structures.ts';

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

/**
 * All processes in the system's order: its ring of tasks in both directions, so that one broken link costs nothing; then
 * those that only the table of process numbers or a parent's list of children knows.
 */
export function listTasks(kernel: Kernel): readonly Task[] {
  const layout = taskLayout(kernel);
  const found = new Map<bigint, Task>();
  walkRing(kernel, layout, found);

  const others = [...pidTable(kernel, MAX_TASKS), ...children(kernel, layout, found)];
  for (const address of others) {
    if (!found.has(address)) add(kernel, layout, found, address, true);
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
  const threads = [...listOf(kernel, signal + BigInt(head))].map((at) => at - BigInt(node));
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

function walkRing(kernel: Kernel, layout: TaskLayout, found: Map<bigint, Task>): void {
  const head = kernel.initTask.address + layout.tasks;
  for (const link of [0, 8]) {
    let at = kernel.structures.pointer(head, link);
    while (at !== head && found.size < MAX_TASKS) {
      const address = at - layout.tasks;
      // Met again: the other direction has been here, or the list bites its own tail.
      if (found.has(address) || !add(kernel, layout, found, address, false)) break;
      at = kernel.structures.pointer(at, link);
    }
    if (at === head) return;
    if (link === 0) {
      kernel.warn(
        `The kernel's list of processes is broken after ${found.size} of them; it was read from its other end too, and processes between the two breaks can be missing`,
      );
    }
  }
}

/** False where there is no leader of a thread group. */
function add(
  { structures }: Kernel,
  layout: TaskLayout,
  found: Map<bigint, Task>,
  address: bigint,
  isHidden: boolean,
): boolean {
  if (!isKernelAddress(address) || found.size >= MAX_TASKS) return false;
  const pid = structures.u32(address, layout.pid);
  const tgid = structures.u32(address, layout.tgid);
  if (pid === 0 || pid > MAX_PID || tgid === 0 || tgid > MAX_PID) return false;
  // What died while the image was taken is not hidden, and threads are not in the list.
  const isDead = structures.u32(address, layout.exitState) !== 0;
  const isLeader = structures.pointer(address, layout.leader) === address;
  if (isHidden && (isDead || !isLeader || pid !== tgid)) return false;
  found.set(address, { address, pid: tgid, isHidden });
  return true;
}

/** Children of the first task and of all that are known, and theirs in turn. */
function* children(
  kernel: Kernel,
  layout: TaskLayout,
  found: ReadonlyMap<bigint, Task>,
): Generator<bigint> {
  const queue = [kernel.initTask.address, ...found.keys()];
  const seen = new Set(queue);
  for (let parent = queue.pop(); parent !== undefined; parent = queue.pop()) {
    for (const at of listOf(kernel, parent + layout.children)) {
      const child = at - layout.sibling;
      if (seen.has(child) || seen.size > MAX_TASKS) continue;
      seen.add(child);
      queue.push(child);
      yield child;
    }
  }
}

/** Nodes of a circular list (struct list_head) behind its head; ends where the list runs in a circle without its head. */
function* listOf({ structures }: Kernel, head: bigint): Generator<bigint> {
  let at = structures.pointer(head);
  let mark = 0n;
  for (let count = 0; at !== head && isKernelAddress(at) && count < MAX_TASKS; count += 1) {
    if (at === mark) return;
    yield at;
    // Brent's cycle search: the mark moves on at each power of two, and is met again soon after the circle is entered.
    if ((count & (count + 1)) === 0) mark = at;
    at = structures.pointer(at);
  }
}
