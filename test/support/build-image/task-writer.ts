import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { FileTree } from './file-tree-writer.ts';
import type { KernelObject, KernelObjects } from './kernel-objects.ts';
import type { ProcessSpec } from './machine.ts';
import { NO_EXECUTE, type PageTables, PRESENT, USED, WRITABLE } from './page-table-writer.ts';
import type { Ram } from './ram.ts';
import type { Sockets } from './socket-writer.ts';

/** include/linux/sched.h */
const PF_KTHREAD = 0x20_0000;
const TASK_INTERRUPTIBLE = 1;
const [EXIT_DEAD, EXIT_ZOMBIE] = [16, 32];
const STACK_FRAMES = 4;

export interface TaskTools {
  readonly objects: KernelObjects;
  readonly files: FileTree;
  readonly ram: Ram;
  readonly sockets: Sockets;
  readonly kernelTables: PageTables;
  readonly initTask: KernelObject;
  readonly initCred: bigint;
  readonly initNamespaces: bigint;
  readonly bootTime: Date;
}

export interface WrittenTask {
  readonly spec: ProcessSpec;
  readonly leader: KernelObject;
  /** The leader first. */
  readonly threads: readonly KernelObject[];
}

/** Everything about a process but its memory. The rings are closed by joinTasks(). */
export function writeTask(
  tools: TaskTools,
  spec: ProcessSpec,
  mm: KernelObject | null,
): WrittenTask {
  const { objects } = tools;
  const { options } = spec;
  const threads = Array.from({ length: options.threads ?? 1 }, () => objects.create('task_struct'));
  const [leader = objects.create('task_struct')] = threads;
  const signal = objects.create('signal_struct').set('nr_threads', threads.length);
  const cred = writeCredentials(objects, options.uid ?? 0);
  const files = writeOpenFiles(tools, spec);
  const isDead = options.state === 'zombie' || options.state === 'gone';
  const exitState = options.state === 'gone' ? EXIT_DEAD : EXIT_ZOMBIE;
  threads.forEach((task, index) => {
    const started = (options.startTime ?? tools.bootTime).getTime() - tools.bootTime.getTime();
    task
      .set(stateField(objects), options.state === 'running' || isDead ? 0 : TASK_INTERRUPTIBLE)
      .set('stack', writeStack(tools))
      .set('flags', options.kernelThread ? PF_KTHREAD : 0x40_0000)
      .set('mm', isDead ? 0n : (mm?.address ?? 0n))
      .set('active_mm', isDead ? 0n : (mm?.address ?? 0n))
      .set('exit_state', isDead ? exitState : 0)
      .set('pid', options.pid + index)
      .set('tgid', options.pid)
      .set('group_leader', leader.address)
      .set('start_time', BigInt(started + index) * 1_000_000n)
      .set('start_boottime', BigInt(started + index) * 1_000_000n)
      .set('real_cred', cred)
      .set('cred', cred)
      .setText('comm', spec.name.slice(0, 15))
      .set('files', isDead ? 0n : files)
      .set('nsproxy', isDead ? 0n : tools.initNamespaces)
      .set('signal', signal.address);
  });
  objects.ring([signal.at('thread_head'), ...threads.map((task) => task.at('thread_node'))]);
  objects.ring(threads.map((task) => task.at('thread_group')));
  if (options.sharesMemoryWith === undefined) mm?.set('owner', leader.address);
  return { spec, leader, threads };
}

/** Parents, children and the ring of all tasks, init_task first. Hidden tasks are in no ring but their parent's, if that. */
export function joinTasks({ objects, initTask }: TaskTools, tasks: readonly WrittenTask[]): void {
  const byPid = new Map(tasks.map((task) => [task.spec.options.pid, task]));
  const parentOf = ({ spec: { options } }: WrittenTask): KernelObject =>
    byPid.get(parentPid(options))?.leader ?? initTask;
  for (const task of tasks) {
    const parent = parentOf(task).address;
    for (const thread of task.threads) {
      thread.set('real_parent', parent).set('parent', parent);
      objects.ring([thread.at('children')]);
      objects.ring([thread.at('tasks')]);
      objects.ring([thread.at('sibling')]);
    }
  }
  const alive = tasks.filter(({ spec }) => spec.options.state !== 'gone');
  for (const parent of [initTask, ...tasks.map(({ leader }) => leader)]) {
    const children = alive.filter(
      (task) => parentOf(task) === parent && task.spec.options.hidden !== 'everywhere',
    );
    objects.ring([parent.at('children'), ...children.map(({ leader }) => leader.at('sibling'))]);
  }
  const listed = alive.filter(({ spec }) => !spec.options.hidden);
  objects.ring([initTask, ...listed.map(({ leader }) => leader)].map((task) => task.at('tasks')));
}

/** Processes start from systemd, kernel threads from kthreadd, both of these from nobody. */
export const parentPid = (options: ProcessSpec['options']): number =>
  options.ppid ?? (options.pid <= 2 ? 0 : options.kernelThread ? 2 : 1);

export const stateField = (objects: KernelObjects): string =>
  objects.types.has('task_struct', '__state') ? '__state' : 'state';

export function writeCredentials(objects: KernelObjects, uid: number): bigint {
  const cred = objects.create('cred').set('usage', 1);
  for (const id of ['uid', 'suid', 'euid', 'fsuid', 'gid', 'sgid', 'egid', 'fsgid'])
    cred.set(id, uid);
  return cred.address;
}

/** /dev/null three times, a local socket, a gap as after a close, then what the test asked for. */
function writeOpenFiles({ objects, files, sockets }: TaskTools, spec: ProcessSpec): bigint {
  const nothing = files.open('/dev/null').file;
  const open = [
    nothing,
    nothing,
    nothing,
    sockets.openLocal(),
    0n,
    ...spec.sockets.map((one) => sockets.open(one)),
  ];
  if (open.length > 64) throw new Error('Cannot open more than 60 sockets in one process');
  const table = objects.create('files_struct').set('count', 1).set('next_fd', open.length);
  table
    .set('fdt', table.at('fdtab'))
    .set('fdtab.max_fds', 64)
    .set('fdtab.fd', table.at('fd_array'))
    .set('fdtab.open_fds', table.at('open_fds_init'))
    .set(
      'open_fds_init',
      open.reduce((bits, one, fd) => bits | (one && 1n << BigInt(fd)), 0n),
    );
  open.forEach((file, fd) => objects.writePointer(table.at('fd_array') + BigInt(fd * 8), file));
  return table.address;
}

/** The kernel stack: four scattered frames in the vmalloc area, the user's registers at its top. */
function writeStack({ objects, ram, kernelTables }: TaskTools): bigint {
  const stack = objects.space.reserveVmalloc(STACK_FRAMES);
  let last = 0;
  for (let page = 0; page < STACK_FRAMES; page += 1) {
    last = ram.take();
    ram.books.set(last, { kind: 'kernel' });
    const entry = BigInt(last * PAGE_BYTES) | PRESENT | WRITABLE | USED | NO_EXECUTE;
    kernelTables.set(stack + BigInt(page * PAGE_BYTES), entry);
  }
  const top = (last + 1) * PAGE_BYTES - objects.types.sizeOf('pt_regs');
  objects
    .at('pt_regs', objects.space.directAddress(top))
    .set('ip', 0x55d0_1c40_1234n)
    .set('cs', 0x33)
    .set('ss', 0x2b)
    .set('flags', 0x246);
  return stack;
}
