import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { KernelObject } from './kernel-objects.ts';
import { cString } from './kernel-objects.ts';
import type { PageTruth, Planted } from './image-truth.ts';
import { argumentsOf, type ProcessSpec, type RegionSpec } from './machine.ts';
import { inFrame, type PagePlan } from './page-plan.ts';
import {
  inverted,
  LARGE_PAGE,
  NO_EXECUTE,
  PageTables,
  PRESENT,
  PROT_NONE,
  swapEntry,
  USED,
  USER,
  WRITABLE,
} from './page-table-writer.ts';
import type { Ram } from './ram.ts';
import { endOf, firstIndex, writeRegions, type RegionTools } from './region-writer.ts';

const ELF = new TextEncoder().encode('\x7fELF\x02\x01\x01');

export interface SpaceTools extends RegionTools {
  readonly ram: Ram;
  readonly plan: PagePlan;
  readonly kernelTables: PageTables;
  readonly hasPti: boolean;
}

export interface WrittenSpace {
  readonly mm: KernelObject;
  /** Physical. */
  readonly root: number;
  readonly tables: PageTables;
  readonly pages: readonly PageTruth[];
  readonly planted: readonly Planted[];
}

/** The regions that every program has, where the test gave none of the kind. */
export function completeRegions(spec: ProcessSpec, stackTop: bigint): void {
  const add = (region: RegionSpec): void => void spec.regions.push(region);
  const hasNone = (kind: RegionSpec['kind']): boolean =>
    spec.regions.every((region) => region.kind !== kind);
  const common = { path: null, perms: 'rw-p', pageOffset: 0 } as const;
  const path = spec.options.exe ?? null;
  const start = 0x55d0_1c40_0000n;
  if (path !== null) {
    add({ ...common, kind: 'file', start, pages: 4, path, perms: 'r-xp' });
    spec.writes.push({ address: start, bytes: ELF, isPrivateCopy: false });
  }
  if (hasNone('stack')) add({ ...common, kind: 'stack', start: stackTop - 0x2_1000n, pages: 33 });
  if (hasNone('vdso')) {
    add({ ...common, kind: 'vdso', start: stackTop + 0x5_0000n, pages: 2, perms: 'r-xp' });
  }
}

/** Writes everything that an address space is: the mm, its regions, its page tables, its content. */
export function writeAddressSpace(tools: SpaceTools, spec: ProcessSpec): WrittenSpace {
  const { objects, ram, plan, files } = tools;
  const { pid, exe } = spec.options;
  const mm = objects.create('mm_struct').set('mm_users', 1).set('mm_count', 1);
  const tables = makeTables(tools, mm.address);
  mm.set('pgd', objects.space.directAddress(tables.root));
  if (exe !== undefined) mm.set('exe_file', files.open(exe).file);
  objects.ring([mm.at('mmlist')]);
  writeRegions(tools, mm, spec);
  setLandmarks(mm, spec);
  writeArguments(mm, spec);

  const planted = spec.writes.map(({ address, bytes }) => {
    const pieces = [];
    for (let done = 0; done < bytes.length;) {
      const at = address + BigInt(done);
      const length = Math.min(bytes.length - done, PAGE_BYTES - Number(at & 0xfffn));
      const physical = inFrame(plan.frameOf({ pid, page: Number(at >> 12n) }), at);
      ram.write(physical, bytes.subarray(done, done + length));
      pieces.push({ physical, length });
      done += length;
    }
    return { bytes, pieces };
  });
  return { mm, root: tables.root, tables, pages: mapPages(tools, spec, tables), planted };
}

/** PTI: two tables side by side, the kernel's first; its user entries are never executed from. */
function makeTables({ ram, kernelTables, hasPti, objects }: SpaceTools, mm: bigint): PageTables {
  const frame = hasPti ? ram.takeRun(2, 2) : ram.take();
  const tables = new PageTables(ram, objects.space.levels, frame * PAGE_BYTES, mm);
  if (hasPti) ram.books.set(frame + 1, { kind: 'table', mm: null });
  tables.copyKernelHalf(kernelTables);
  return tables;
}

function setLandmarks(mm: KernelObject, { regions }: ProcessSpec): void {
  const find = (kind: RegionSpec['kind']): RegionSpec | undefined =>
    regions.find((region) => region.kind === kind);
  const [heap, code, vdso] = [find('heap'), find('file'), find('vdso')];
  if (heap) mm.set('start_brk', heap.start).set('brk', endOf(heap));
  if (code) mm.set('start_code', code.start).set('end_code', endOf(code));
  if (vdso) mm.set('context.vdso', vdso.start);
}

/** Strings at the top of the stack: arguments, then the environment, as the kernel lays them for a new program. */
function writeArguments(mm: KernelObject, spec: ProcessSpec): void {
  const stack = spec.regions.find(({ kind }) => kind === 'stack');
  if (!stack) return;
  const values = cStrings(argumentsOf(spec));
  const environment = cStrings(['PATH=/usr/bin:/bin', 'LANG=C.UTF-8']);
  const end = endOf(stack) - 0x40n;
  const environmentAt = end - BigInt(environment.length);
  const valuesAt = environmentAt - BigInt(values.length);
  mm.set('start_stack', (valuesAt - 0x200n) & ~0xfn)
    .set('arg_start', valuesAt)
    .set('arg_end', environmentAt)
    .set('env_start', environmentAt)
    .set('env_end', end);
  spec.writes.push({ address: valuesAt, bytes: values, isPrivateCopy: false });
  spec.writes.push({ address: environmentAt, bytes: environment, isPrivateCopy: false });
}

const cStrings = (texts: readonly string[]): Uint8Array =>
  Buffer.concat(texts.map((text) => cString(text)));

function mapPages(tools: SpaceTools, spec: ProcessSpec, tables: PageTables): PageTruth[] {
  const { plan, ram, anonymous, hasPti } = tools;
  const { pid } = spec.options;
  const pages: PageTruth[] = [];
  const hugeStart = (page: number): number | undefined =>
    [...spec.huge].find((first) => page >= first && page < first + 512);

  const book = (frame: number, page: number, head: number | null): void => {
    let entry = ram.books.get(frame);
    if (entry === undefined) {
      const origin = anonymous.originOf({ pid, page });
      const region = plan.regionOf(origin);
      const index = firstIndex(region) + origin.page - Number(region.start >> 12n);
      const mapping = anonymous.of(origin.pid) | 1n;
      entry = { kind: 'anonymous', mapping, index, mappings: 0, head };
      ram.books.set(frame, entry);
    }
    if ('mappings' in entry) entry.mappings += 1;
  };
  const add = (
    page: number,
    pageBytes: number,
    state: 'valid' | 'protected',
    head: number | null = null,
  ): void => {
    const frame = plan.frameOf({ pid, page });
    book(frame, page, head);
    const { perms } = plan.regionOf({ pid, page });
    const [isWritable, isExecutable] = [perms.includes('w'), perms.includes('x')];
    pages.push({ pid, va: BigInt(page) << 12n, frame, pageBytes, state, isWritable, isExecutable });
  };

  for (const first of spec.huge) {
    const head = plan.frameOf({ pid, page: first });
    tables.set(
      BigInt(first) << 12n,
      entryOf(plan.regionOf({ pid, page: first }), head) | LARGE_PAGE,
      2,
    );
    for (let index = 0; index < 512; index += 1) add(first + index, 0x20_0000, 'valid', head);
  }
  for (const page of pagesOf(spec)) {
    if (hugeStart(page) !== undefined) continue;
    const frame = plan.frameOf({ pid, page });
    const isProtected = spec.protNone.has(page);
    const entry = isProtected
      ? PROT_NONE | USED | inverted(frame * PAGE_BYTES) | NO_EXECUTE
      : entryOf(plan.regionOf({ pid, page }), frame);
    tables.set(BigInt(page) << 12n, entry);
    add(page, PAGE_BYTES, isProtected ? 'protected' : 'valid');
  }
  for (const page of spec.swapped) tables.set(BigInt(page) << 12n, swapEntry(1, page & 0xffff));
  if (hasPti) splitForUser(tools, tables);
  return pages;
}

function pagesOf(spec: ProcessSpec): Set<number> {
  const pages = new Set([...spec.touched, ...spec.protNone, ...spec.placed.keys()]);
  for (const { own } of spec.shares) pages.add(own);
  for (const { address, bytes } of spec.writes) {
    const last = Number((address + BigInt(bytes.length) - 1n) >> 12n);
    for (let page = Number(address >> 12n); page <= last; page += 1) pages.add(page);
  }
  return pages;
}

const entryOf = ({ perms }: RegionSpec, frame: number): bigint =>
  BigInt(frame * PAGE_BYTES) |
  PRESENT |
  USER |
  USED |
  (perms.includes('w') ? WRITABLE : 0n) |
  (perms.includes('x') ? 0n : NO_EXECUTE);

function splitForUser({ ram, objects }: SpaceTools, tables: PageTables): void {
  const user = new PageTables(ram, objects.space.levels, tables.root + PAGE_BYTES);
  for (let index = 0; index < 256; index += 1) {
    const entry = tables.top(index);
    user.setTop(index, entry);
    if (entry !== 0n) tables.setTop(index, entry | NO_EXECUTE);
  }
  // The entry area, mapped for both: what an interrupt needs before it can switch tables.
  user.setTop(508, tables.top(508));
}
