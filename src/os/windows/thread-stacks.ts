import type { Structures } from '../structures.ts';
import type { WindowsKernel } from './kernel.ts';
import { isKernelAddress, isUserAddress } from './process-header.ts';
import type { ListedProcess } from './process-list.ts';

/** A thread, and a place in its user stack. */
export interface ThreadStack {
  readonly thread: number;
  readonly address: bigint;
}

/** KPROCESS.ThreadListHead, since Windows 7. */
const THREAD_LIST = 0x30n;
const THREAD_TYPE = 6;
const MOST_THREADS = 16_384;
/** Where KTHREAD.ThreadListEntry and Teb stand in listed kernels; further ones are tried where none fits. */
const LIST_ENTRIES = { usual: 0x2f8, first: 0x200, end: 0x400 };
const TEBS = [0xf0, 0xb8] as const;
/** TEB, x64: NT_TIB with stack's end, limit and own address; then process and thread number. */
const TEB = { limit: 0x10, self: 0x30, process: 0x40, thread: 0x48 } as const;

/** Stacks of a process' threads, each proven by its TEB, which knows its own address and its process. */
export function stacksOf(
  kernel: WindowsKernel,
  { header, fields }: ListedProcess,
  user: Structures,
): readonly ThreadStack[] {
  const { structures, layout } = kernel;
  const head = header.address + THREAD_LIST;
  const stacks: ThreadStack[] = [];
  const seen = new Set<bigint>([head]);
  let entryOffset = layout.thread.listEntry;
  for (let at = structures.pointer(head); seen.size < MOST_THREADS;) {
    if (!isKernelAddress(at) || seen.has(at)) break;
    seen.add(at);
    entryOffset ??= findListEntry(structures, at);
    if (entryOffset === null) break;
    const stack = stackOf(structures, at - BigInt(entryOffset), user, fields.pid);
    if (stack !== null) stacks.push(stack);
    at = structures.pointer(at);
  }
  return stacks;
}

function stackOf(
  structures: Structures,
  thread: bigint,
  user: Structures,
  pid: bigint,
): ThreadStack | null {
  if (!isThread(structures, thread)) return null;
  for (const offset of TEBS) {
    const teb = structures.pointer(thread, offset);
    if (!isUserAddress(teb) || user.pointer(teb, TEB.self) !== teb) continue;
    if (user.pointer(teb, TEB.process) !== pid) continue;
    return { thread: user.u32(teb, TEB.thread), address: user.pointer(teb, TEB.limit) };
  }
  return null;
}

/** Behind the start of a thread object by how much its entry in the list stands. */
function findListEntry(structures: Structures, entry: bigint): number | null {
  if (isThread(structures, entry - BigInt(LIST_ENTRIES.usual))) return LIST_ENTRIES.usual;
  for (let offset = LIST_ENTRIES.first; offset < LIST_ENTRIES.end; offset += 8) {
    if (isThread(structures, entry - BigInt(offset))) return offset;
  }
  return null;
}

/** A dispatcher object: type 6, then an empty or closed list of waiters. */
function isThread(structures: Structures, at: bigint): boolean {
  if ((structures.u8(at) & 0x7f) !== THREAD_TYPE) return false;
  const waiter = structures.pointer(at, 8);
  return isKernelAddress(waiter) && structures.pointer(waiter, 8) === at + 8n;
}
