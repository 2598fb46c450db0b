/**
 * The kernel's table of process numbers, `init_pid_ns.idr`: a radix tree whose nodes have 64 places, and whose leaves are
 * `struct pid`, which lead to the task of that number. A program that hides in the list of processes must stay in here to
 * be found by kill() and /proc.
 *
 * Source: Linux, include/linux/xarray.h (entries: bits 0–1 are 2 for a node), include/linux/pid.h.
 */
import type { Kernel } from './kernel.ts';
import { isKernelAddress } from './structures.ts';

/** 64^6 is more than all process numbers. */
const MAX_DEPTH = 6;
const MAX_SLOTS = 64;

/** Tasks of the table, threads included; none where the kernel's table cannot be found (before 4.20). */
export function pidTable(kernel: Kernel, limit: number): readonly bigint[] {
  const { btf, structures } = kernel;
  const root = btf.offsetOrNull('pid_namespace', 'idr.idr_rt.xa_head');
  const slots = btf.field('xa_node', 'slots');
  const links = btf.offsetOrNull('task_struct', 'pid_links');
  const first = btf.offsetOrNull('pid', 'tasks');
  const namespace = kernel.symbol('init_pid_ns');
  if (root === null || !slots || links === null || first === null || namespace === null) return [];

  const tasks: bigint[] = [];
  const pending: [entry: bigint, depth: number][] = [[structures.pointer(namespace, root), 0]];
  // A node met again is no tree: each of its places would lead to all the others.
  const nodes = new Set<bigint>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [entry, depth] = next;
    if (!isKernelAddress(entry) || tasks.length >= limit) continue;
    if ((entry & 3n) === 2n) {
      if (depth >= MAX_DEPTH || nodes.size > limit || nodes.has(entry)) continue;
      nodes.add(entry);
      for (let slot = Math.min(slots.count, MAX_SLOTS) - 1; slot >= 0; slot -= 1) {
        const at = structures.pointer(entry - 2n, slots.offset + slot * 8);
        if (at !== 0n) pending.push([at, depth + 1]);
      }
    } else if ((entry & 3n) === 0n) {
      const task = structures.pointer(entry, first);
      if (isKernelAddress(task)) tasks.push(task - BigInt(links));
    }
  }
  return tasks;
}
