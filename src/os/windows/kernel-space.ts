import { PAGE_BYTES, physical, virtual, type PhysicalAddress } from '../../memory/address.ts';
import { AddressSpace } from '../../translate/address-space.ts';
import type { EntryRules } from '../../translate/entry-rules.ts';
import { FIVE_LEVEL, FOUR_LEVEL } from '../../translate/levels.ts';
import type { PageCache } from '../../translate/page-cache.ts';
import { windowsRules } from '../../translate/windows-rules.ts';
import { DEFAULT_INVALID_MASK, invalidMaskOf } from './invalid-mask.ts';
import type { ProcessHeader } from './process-header.ts';
import { readSharedData } from './shared-data.ts';

/** Processes that a table is asked to lead to. */
const WITNESSES = 24;
/** Tables of processes that are tried, and pages that look like one: an image can claim thousands. */
const MOST_ROOTS = 512;
/** Of the witnesses: a table that leads to so many needs no rival; the rest are smeared, or another machine's. */
const NEARLY_ALL = 0.9;
/** What the shared page weighs in witnesses, for it is always there. */
const SHARED_PAGE_WEIGHT = 2;
/** Page frames in which real mode can start a processor. */
const LOW_STUB_FRAMES = { first: 1, end: 0xa0 };

export interface KernelSpace {
  readonly space: AddressSpace;
  /** As `windowsRules` takes it. */
  readonly invalidMaskHigh: number;
}

/**
 * The kernel's view of memory: the table under which most process objects stand where their own links say. Every
 * process' table shows the kernel; the one that most share is System's. Null where no table leads to any of them.
 *
 * @param topTables - pages that the scan took for top tables: all of them, should the objects' own numbers lead nowhere
 */
export function findKernelSpace(
  memory: PageCache,
  headers: readonly ProcessHeader[],
  hints: readonly PhysicalAddress[],
  topTables: readonly PhysicalAddress[],
): KernelSpace | null {
  const rules = windowsRules({ invalidMaskHigh: DEFAULT_INVALID_MASK });
  const witnesses = spread(headers, WITNESSES);
  const best = bestOf(memory, possibleRoots(memory, headers, hints, topTables), rules, witnesses);
  if (best === null) return null;
  const { root, mode } = best;
  const invalidMaskHigh = invalidMaskOf(memory, mode, [root, ...headers.map(({ table }) => table)]);
  const space = new AddressSpace(memory, root, mode, windowsRules({ invalidMaskHigh }));
  return { space, invalidMaskHigh };
}

/** The first of the best. */
function bestOf(
  memory: PageCache,
  roots: Iterable<PhysicalAddress>,
  rules: EntryRules,
  witnesses: readonly ProcessHeader[],
): AddressSpace | null {
  const enough = witnesses.length * NEARLY_ALL + SHARED_PAGE_WEIGHT;
  let best: { readonly space: AddressSpace; readonly score: number } | null = null;
  const seen = new Set<PhysicalAddress>();
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    for (const mode of [FOUR_LEVEL, FIVE_LEVEL]) {
      const space = new AddressSpace(memory, root, mode, rules);
      const score = scoreOf(space, witnesses);
      if (score > (best?.score ?? 0)) best = { space, score };
      if (score >= enough) return space;
    }
  }
  return best?.space ?? null;
}

/** A process stands where a table of the system leads to by its own address. */
export const isAtHome = (space: AddressSpace, { address, physical: at }: ProcessHeader): boolean =>
  space.translate(virtual(address))?.physical === at;

/** Objects that it leads to, and the shared page. */
function scoreOf(space: AddressSpace, witnesses: readonly ProcessHeader[]): number {
  const reached = witnesses.filter((header) => isAtHome(space, header)).length;
  return reached === 0 ? 0 : reached + (readSharedData(space) === null ? 0 : SHARED_PAGE_WEIGHT);
}

/**
 * Likeliest first, for the first of equals is taken: tables that several processes share (Idle, System), then low ones;
 * those that only look like one last.
 */
function* possibleRoots(
  memory: PageCache,
  headers: readonly ProcessHeader[],
  hints: readonly PhysicalAddress[],
  topTables: readonly PhysicalAddress[],
): Generator<PhysicalAddress> {
  const shares = new Map<PhysicalAddress, number>();
  for (const { table } of headers) shares.set(table, (shares.get(table) ?? 0) + 1);
  const own = [...shares]
    .toSorted(([one, n], [other, m]) => m - n || one - other)
    .map(([table]) => table);
  yield* own.slice(0, MOST_ROOTS);
  yield* hints.map((hint) => physical(hint - (hint % PAGE_BYTES)));
  yield* lowStubs(memory);
  yield* spread(topTables, MOST_ROOTS);
}

/**
 * The page from which further processors are started keeps the kernel's CR3.
 *
 * 0x00 jump and constants | 0x70 entry point, a kernel address | 0xa0 CR3 (HAL, PROCESSOR_START_BLOCK)
 */
function* lowStubs(memory: PageCache): Generator<PhysicalAddress> {
  const bytes = Buffer.alloc(0xa8);
  for (let frame = LOW_STUB_FRAMES.first; frame < LOW_STUB_FRAMES.end; frame += 1) {
    if (memory.read(physical(frame * PAGE_BYTES), bytes) < bytes.length) continue;
    const start = bytes.readBigUInt64LE(0) & 0xffff_ffff_ffff_00ffn;
    const entry = bytes.readBigUInt64LE(0x70);
    const root = bytes.readBigUInt64LE(0xa0);
    const isStub = start === 0x0000_0001_0006_00e9n && entry >= 0xffff_f800_0000_0000n;
    if (isStub && root !== 0n && root < 2n ** 40n) yield physical(Number(root & ~0xfffn));
  }
}

/** So many of a list, from all over it. */
function spread<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  return list.filter(
    (_, index) =>
      Math.floor((index * count) / list.length) !== Math.floor(((index - 1) * count) / list.length),
  );
}
