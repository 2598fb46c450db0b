import {
  completeRegions,
  type SpaceTools,
  writeAddressSpace,
  type WrittenSpace,
} from './address-space-writer.ts';
import type { LooseTruth, PageTruth } from './image-truth.ts';
import type { MachineSpec, ProcessSpec } from './machine.ts';
import { writePidTable } from './pid-table-writer.ts';
import type { Ram } from './ram.ts';
import { firstIndex } from './region-writer.ts';
import { joinTasks, type TaskTools, writeTask, type WrittenTask } from './task-writer.ts';

/** A process with the address space it runs in: its own, or another's that it shares. */
export interface BuiltProcess extends WrittenTask {
  /** Null: none of its own. */
  readonly space: WrittenSpace | null;
  readonly usedSpace: WrittenSpace | null;
  /** The description of the process that `usedSpace` was written for. */
  readonly owner: ProcessSpec | null;
}

/** All processes, and the content that those left behind which are gone. */
export function writeProcesses(
  spec: MachineSpec,
  tools: SpaceTools & TaskTools,
): { processes: BuiltProcess[]; freed: LooseTruth[]; pidNamespace: bigint } {
  const spaces = new Map<number, WrittenSpace>();
  for (const one of spec.processes) {
    const { pid, kernelThread, sharesMemoryWith, state } = one.options;
    if (kernelThread || sharesMemoryWith !== undefined || state === 'zombie') continue;
    const slide = BigInt(tools.random.below(0x1_0000)) << 16n;
    completeRegions(one, 0x7ffc_1000_0000n + slide);
    moveShared(tools, one);
    spaces.set(pid, writeAddressSpace(tools, one));
  }
  const all = spec.processes.map((one): BuiltProcess => {
    const { pid, sharesMemoryWith } = one.options;
    const usedSpace = spaces.get(sharesMemoryWith ?? pid) ?? null;
    const owner = spec.processes.find(({ options }) => options.pid === (sharesMemoryWith ?? pid));
    const space = spaces.get(pid) ?? null;
    const task = writeTask(tools, one, usedSpace?.mm ?? null);
    return { ...task, space, usedSpace, owner: owner ?? null };
  });
  joinTasks(tools, all);
  const pidNamespace = writePidTable(tools.objects, all);
  const isGone = ({ spec: { options } }: BuiltProcess): boolean => options.state === 'gone';
  // Memory that another process runs in outlives the one that it was made for.
  const borrowed = new Set(spec.processes.map(({ options }) => options.sharesMemoryWith));
  const freed = all
    .filter((one) => isGone(one) && !borrowed.has(one.spec.options.pid))
    .flatMap((one) => (one.space ? free(tools.ram, one.space) : []));
  return { processes: all.filter((one) => !isGone(one)), freed, pidNamespace };
}

/** A region that shares a page with another place was moved there after the fork: it keeps the count it had. */
function moveShared(
  { anonymous, plan }: SpaceTools,
  { options: { pid }, regions }: ProcessSpec,
): void {
  for (const [at, region] of regions.entries()) {
    const moved = region.path === null ? anonymous.movedBy(pid, region) : null;
    if (moved === null) continue;
    const { origin, index } = moved;
    const from = plan.regionOf(origin);
    const pageOffset = firstIndex(from) + origin.page - Number(from.start >> 12n) - index;
    regions[at] = { ...region, pageOffset };
  }
}

/** The same pages under the name of the process that borrows the address space. */
export const borrowedPages = ({ spec, space, usedSpace }: BuiltProcess): PageTruth[] =>
  space === null && usedSpace
    ? usedSpace.pages.map((page) => ({ ...page, pid: spec.options.pid }))
    : [];

/** Gives an address space back: its tables still stand in free frames, its private pages keep their content. */
function free(ram: Ram, { root, tables, pages, planted }: WrittenSpace): LooseTruth[] {
  for (const frame of [root >> 12, ...tables.made]) ram.books.set(frame, { kind: 'free' });
  for (const { frame } of pages) {
    const book = ram.books.get(frame);
    if (!book || !('mappings' in book)) continue;
    book.mappings -= 1;
    if (book.kind === 'anonymous' && book.mappings === 0) ram.books.set(frame, { kind: 'free' });
  }
  return planted.flatMap(({ bytes, pieces: [first] }): LooseTruth[] =>
    first && ram.books.get(first.physical >> 12)?.kind === 'free'
      ? [{ where: 'free', physical: first.physical, bytes, path: null, pid: null }]
      : [],
  );
}
