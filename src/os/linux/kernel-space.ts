import { physical, virtual, type PhysicalAddress } from '../../memory/address.ts';
import { AddressSpace } from '../../translate/address-space.ts';
import { FIVE_LEVEL, FOUR_LEVEL, type PagingMode } from '../../translate/levels.ts';
import { linuxRules } from '../../translate/linux-rules.ts';
import type { PageCache } from '../../translate/page-cache.ts';
import type { Btf } from './btf.ts';
import { KERNEL_IMAGE, type InitTask } from './init-task.ts';
import { rootCandidates } from './root-scan.ts';
import type { Vmcoreinfo } from './vmcoreinfo.ts';

/** Names of the kernel's own root table, newest first. */
const ROOT_SYMBOLS = ['init_top_pgt', 'swapper_pg_dir', 'init_level4_pgt'];

/** What may tell where the kernel's tables are. All of it is checked, none of it is needed. */
export interface SpaceHints {
  readonly vmcoreinfo: Vmcoreinfo | null;
  /** CR3 registers. A user's, or isolated from the kernel, as may be. */
  readonly roots: readonly PhysicalAddress[];
}

/**
 * The kernel's view of memory: by what VMCOREINFO says, else by registers, else by looking for a table that leads the
 * first task's virtual address to where it was found. Null where no table does.
 */
export function findKernelSpace(
  memory: PageCache,
  btf: Btf,
  task: InitTask,
  hints: SpaceHints,
): AddressSpace | null {
  const rules = linuxRules({ encryptionMask: hints.vmcoreinfo?.number('sme_mask') ?? 0n });
  const tasks = btf.offset('task_struct', 'tasks');
  for (const root of possibleRoots(memory, task, hints)) {
    for (const mode of modes(task)) {
      const space = new AddressSpace(memory, root, mode, rules);
      if (leadsToTask(space, task, tasks)) return space;
    }
  }
  return null;
}

/** The text of this boot, for copies of an earlier kernel's can be left in memory: it places the first task rightly. */
export function ownVmcoreinfo(
  texts: readonly Vmcoreinfo[],
  { delta }: InitTask,
): Vmcoreinfo | null {
  const base = KERNEL_IMAGE - delta;
  return texts.find((text) => text.number('phys_base') === base) ?? null;
}

function* possibleRoots(
  memory: PageCache,
  task: InitTask,
  hints: SpaceHints,
): Generator<PhysicalAddress> {
  for (const name of ROOT_SYMBOLS) {
    const symbol = hints.vmcoreinfo?.symbol(name) ?? null;
    if (symbol !== null && symbol >= KERNEL_IMAGE) yield physical(Number(symbol - task.delta));
  }
  for (const root of hints.roots) {
    const page = root - (root % 4096);
    yield physical(page);
    // Isolated (KPTI): the user's copy lies in the odd frame of a pair, the kernel's in the even one.
    yield physical(page - (page % 8192));
  }
  yield* rootCandidates(memory, task.physical);
}

/**
 * Where the first task points to tells the mode: the map of all memory, where tasks lie, begins at 0xffff88… with four
 * levels and at 0xff11… with five. A table of five levels holds one that looks right with four, so this comes first.
 */
function modes(task: InitTask): readonly PagingMode[] {
  return task.next >= 0xffff_8000_0000_0000n ? [FOUR_LEVEL, FIVE_LEVEL] : [FIVE_LEVEL, FOUR_LEVEL];
}

/** The first task is where it was found, and the second one's link leads back to it. */
function leadsToTask(space: AddressSpace, task: InitTask, tasks: number): boolean {
  if (space.translate(virtual(task.address))?.physical !== task.physical) return false;
  const back = new Uint8Array(8);
  if (space.read(virtual(task.next + 8n), back) < 8) return false;
  return new DataView(back.buffer).getBigUint64(0, true) === task.address + BigInt(tasks);
}
