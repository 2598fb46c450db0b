import type { Kernel } from './kernel.ts';
import { isKernelAddress } from './structures.ts';

/** More nodes than any list that we read has: tasks, threads, tables of processes. */
const MAX_NODES = 131_072;

/** Nodes of a circular list (struct list_head) behind its head; ends where the list runs in a circle without its head. */
export function* listOf({ structures }: Kernel, head: bigint): Generator<bigint> {
  let at = structures.pointer(head);
  let mark = 0n;
  for (let count = 0; at !== head && isKernelAddress(at) && count < MAX_NODES; count += 1) {
    if (at === mark) return;
    yield at;
    // Brent's cycle search: the mark moves on at each power of two, and is met again soon after the circle is entered.
    if ((count & (count + 1)) === 0) mark = at;
    at = structures.pointer(at);
  }
}
