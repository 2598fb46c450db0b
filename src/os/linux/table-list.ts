import type { Kernel } from './kernel.ts';
import { listOf } from './linked-list.ts';
import { isKernelAddress } from './structures.ts';

/**
 * Owners of all top page tables: the kernel links the tables themselves (`pgd_list`), and each leads to its memory
 * description and the task that owns it. Who runs in user mode must be in here, wherever else a program took it out; threads
 * of the kernel have no table of their own. Empty where the kernel keeps no such list or no owners (no CONFIG_MEMCG).
 *
 * Source: Linux, arch/x86/mm/pgtable.c (pgd_list_add, pgd_set_mm); struct page, since 6.6 struct ptdesc.
 */
export function tableOwners(kernel: Kernel): readonly bigint[] {
  const { btf, structures } = kernel;
  const list = kernel.symbol('pgd_list');
  const isDescribed = btf.offsetOrNull('ptdesc', 'pt_list') !== null;
  const [type, link] = isDescribed ? ['ptdesc', 'pt_list'] : ['page', 'lru'];
  const node = btf.offsetOrNull(type, link);
  const memory = btf.offsetOrNull(type, 'pt_mm');
  const owner = btf.offsetOrNull('mm_struct', 'owner');
  if (list === null || node === null || memory === null || owner === null) return [];

  const tasks: bigint[] = [];
  for (const at of listOf(kernel, list)) {
    const mm = structures.pointer(at - BigInt(node), memory);
    const task = isKernelAddress(mm) ? structures.pointer(mm, owner) : 0n;
    if (isKernelAddress(task)) tasks.push(task);
  }
  return tasks;
}
