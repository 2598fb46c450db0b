import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { FileTree } from './file-tree-writer.ts';
import type { MachineSpec, PageName, ProcessSpec, RegionSpec } from './machine.ts';
import type { Ram } from './ram.ts';

const LARGE_FRAMES = 512;

/** A frame that was promised to a page before anything else took its place. */
export interface Promised {
  readonly name: PageName;
  readonly frame: number;
}

/** The places that a test asked for: frames by number, neighbouring frames, whole 2 MiB. */
export function promiseFrames(spec: MachineSpec, ram: Ram): Promised[] {
  const wished = spec.processes.flatMap(({ options, placed }) =>
    [...placed].map(([page, frame]) => ({
      name: { pid: options.pid, page },
      frame: ram.claim(frame),
    })),
  );
  const huge = spec.processes.flatMap((one) =>
    [...one.huge].flatMap((first) => promiseHuge(ram, one.options.pid, first)),
  );
  const adjacent = spec.adjacent.flatMap(({ first, second }) => {
    const frame = ram.takeRun(2, 1);
    return [
      { name: first, frame },
      { name: second, frame: frame + 1 },
    ];
  });
  return [...wished, ...huge, ...adjacent];
}

function promiseHuge(ram: Ram, pid: number, first: number): Promised[] {
  if (first % LARGE_FRAMES !== 0) {
    throw new Error(`Cannot map 2 MiB at page 0x${first.toString(16)}: it is not aligned`);
  }
  const block = ram.takeRun(LARGE_FRAMES, LARGE_FRAMES);
  return Array.from({ length: LARGE_FRAMES }, (_, index) => {
    return { name: { pid, page: first + index }, frame: block + index };
  });
}

/** Which frame each page of each process lies in. */
export class PagePlan {
  readonly #ram: Ram;
  readonly #files: FileTree;
  readonly #processes: ReadonlyMap<number, ProcessSpec>;
  readonly #frames = new Map<string, number>();

  constructor(spec: MachineSpec, promised: readonly Promised[], ram: Ram, files: FileTree) {
    this.#ram = ram;
    this.#files = files;
    this.#processes = new Map(spec.processes.map((one) => [one.options.pid, one]));
    for (const { name, frame } of promised) {
      const file = this.#fileOf(name);
      if (file) files.cache(file.path, file.index, frame);
      this.#frames.set(keyOf(name), frame);
    }
  }

  frameOf(name: PageName): number {
    const key = keyOf(name);
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const frame = this.#choose(name);
    this.#frames.set(key, frame);
    return frame;
  }

  /** The region that a page is in; a test that writes elsewhere is wrong. */
  regionOf({ pid, page }: PageName): RegionSpec {
    const spec = this.#processes.get(pid);
    const region = spec?.regions.find(
      ({ start, pages }) => page >= Number(start >> 12n) && page < Number(start >> 12n) + pages,
    );
    if (region) return region;
    const at = `0x${(BigInt(page) << 12n).toString(16)}`;
    throw new Error(`Cannot place the page ${at} of process ${pid}: no region() holds it`);
  }

  #choose(name: PageName): number {
    const { pid, page } = name;
    const spec = this.#processes.get(pid);
    const share = spec?.shares.find(({ own }) => own === page);
    if (share) return this.frameOf(share.other);
    const file = this.#fileOf(name);
    if (file) return this.#files.cache(file.path, file.index);
    // As a page that was shared by fork and by nothing else: one owner here names it first.
    return this.#ram.takeLonely();
  }

  /** The file page behind a page; null for private memory, also where a write made a private copy. */
  #fileOf(name: PageName): { path: string; index: number } | null {
    const { path, start, pageOffset } = this.regionOf(name);
    if (path === null || this.#isPrivateCopy(name)) return null;
    return { path, index: pageOffset + name.page - Number(start >> 12n) };
  }

  #isPrivateCopy({ pid, page }: PageName): boolean {
    const writes = this.#processes.get(pid)?.writes ?? [];
    return writes.some(
      ({ address, bytes, isPrivateCopy }) =>
        isPrivateCopy &&
        page >= Number(address >> 12n) &&
        page <= Number((address + BigInt(bytes.length) - 1n) >> 12n),
    );
  }
}

const keyOf = ({ pid, page }: PageName): string => `${pid} ${page}`;

/** Physical address of a byte in a frame. */
export const inFrame = (frame: number, address: bigint): number =>
  frame * PAGE_BYTES + Number(address & 0xfffn);
