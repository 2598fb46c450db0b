import type { KernelObject, KernelObjects } from './kernel-objects.ts';
import type { WrittenTask } from './task-writer.ts';
import { writeXarray } from './xarray-writer.ts';

/**
 * The table of process numbers, `init_pid_ns.idr`: a struct pid for each task, threads too. Hidden tasks stay in it, or
 * nobody could signal them; tasks that are gone do not.
 *
 * Source: include/linux/pid.h, include/linux/idr.h. Returns the address of init_pid_ns.
 */
export function writePidTable(objects: KernelObjects, tasks: readonly WrittenTask[]): bigint {
  const namespace = objects.createStatic('pid_namespace');
  const entries = new Map<number, bigint>();
  for (const { spec, leader, threads } of tasks) {
    if (spec.options.state === 'gone' || spec.options.hidden === 'everywhere') continue;
    threads.forEach((task, index) => {
      const number = spec.options.pid + index;
      entries.set(number, writePid(objects, namespace.address, number, task, task === leader));
    });
  }
  namespace
    .set('pid_allocated', entries.size)
    .set('child_reaper', tasks[0]?.leader.address ?? 0n)
    .set('idr.idr_next', Math.max(0, ...entries.keys()) + 1)
    .set('idr.idr_rt.xa_head', writeXarray(objects, namespace.at('idr.idr_rt'), entries));
  return namespace.address;
}

/** Chained by each use of the number: of the task itself, and of the leader as its group. */
function writePid(
  objects: KernelObjects,
  namespace: bigint,
  number: number,
  task: KernelObject,
  isLeader: boolean,
): bigint {
  const pid = objects
    .create('pid')
    .set('count', 1)
    .set('numbers.nr', number)
    .set('numbers.ns', namespace);
  for (const use of isLeader ? [0, 1] : [0]) {
    objects.chain(pid.at('tasks') + BigInt(use * 8), [task.at('pid_links') + BigInt(use * 16)]);
  }
  task.set('thread_pid', pid.address);
  return pid.address;
}
