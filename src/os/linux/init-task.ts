import { physical, type PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import type { Btf } from './btf.ts';

/** The first task, "swapper/0": it lies in the kernel's image, so it ties virtual to physical addresses. */
export interface InitTask {
  readonly address: bigint;
  readonly physical: PhysicalAddress;
  /** Virtual minus physical address: the same for all of the kernel's image. */
  readonly delta: bigint;
  /** The next task in the system's list. */
  readonly next: bigint;
}

/** Linux, Documentation/arch/x86/x86_64/mm.rst: "kernel text mapping", 1 GiB at most. */
export const KERNEL_IMAGE = 0xffff_ffff_8000_0000n;
const KERNEL_IMAGE_END = 0xffff_ffff_c000_0000n;

/** The first task behind one of its names in memory. It is its own parent: that proves it and tells its address. */
export function findInitTask(
  memory: PhysicalMemory,
  btf: Btf,
  names: readonly PhysicalAddress[],
): InitTask | null {
  const comm = btf.offset('task_struct', 'comm');
  const fields = ['pid', 'tgid', 'parent', 'real_parent', 'tasks.next'] as const;
  const [pid = 0, tgid = 0, parent = 0, realParent = 0, next = 0] = fields.map((field) =>
    btf.offset('task_struct', field),
  );
  // Room for a word behind it: damaged types can place a member across the end.
  const view = new DataView(new ArrayBuffer(btf.size('task_struct') + 8));
  const bytes = new Uint8Array(view.buffer, 0, view.byteLength - 8);
  for (const name of names) {
    const start = physical(name - comm);
    if (start < 0 || memory.read(start, bytes) < bytes.length) continue;
    const address = view.getBigUint64(realParent, true);
    const isOwnParent = address === view.getBigUint64(parent, true);
    const isInImage = address >= KERNEL_IMAGE && address < KERNEL_IMAGE_END;
    const isSamePageOffset = Number(address & 0xfffn) === start % 4096;
    const isFirst = view.getInt32(pid, true) === 0 && view.getInt32(tgid, true) === 0;
    if (isOwnParent && isInImage && isSamePageOffset && isFirst) {
      const delta = address - BigInt(start);
      return { address, physical: start, delta, next: view.getBigUint64(next, true) };
    }
  }
  return null;
}
