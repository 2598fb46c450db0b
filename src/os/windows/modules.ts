import {
  PAGE_BYTES,
  physical,
  virtual,
  virtualPageOf,
  type PhysicalAddress,
} from '../../memory/address.ts';
import type { WindowsKernel } from './kernel.ts';
import { isKernelAddress } from './process-header.ts';
import { unicodeString } from './unicode-string.ts';

/** A program file that the kernel has loaded: itself, or a driver. */
export interface KernelModule {
  readonly name: string;
  readonly base: bigint;
  readonly bytes: number;
}

/** LDR_DATA_TABLE_ENTRY, x64: links first; the same in every version. */
const ENTRY = { base: 0x30, bytes: 0x40, name: 0x58n } as const;
/** From a tag in a pool header to the block behind it. */
const TAG_TO_BLOCK = 12;
const MOST_MODULES = 2048;
const MOST_BYTES = 2 ** 28;
/** Of all modules together: 1 GiB. */
const MOST_PAGES = 2 ** 18;

/**
 * The kernel's list of modules, entered where the scan found blocks with the tag of its entries: their links tell where
 * the others are. Several blocks are tried, for the tag also stands before other things, and in freed blocks.
 *
 * @param tags - where pool tags "MmLd" were found
 */
export function readModules(
  kernel: WindowsKernel,
  tags: readonly PhysicalAddress[],
): readonly KernelModule[] {
  const { structures, memory } = kernel;
  const word = Buffer.alloc(8);
  const seen = new Set<bigint>();
  const modules = new Map<bigint, KernelModule>();
  for (const tag of tags) {
    if (memory.read(physical(tag + TAG_TO_BLOCK), word) < word.length) continue;
    let at = word.readBigUInt64LE(0);
    // The list's head is no entry; a second such place is something else.
    for (let strangers = 0; strangers < 2 && modules.size < MOST_MODULES;) {
      if (
        !isKernelAddress(at) ||
        seen.has(at) ||
        structures.pointer(structures.pointer(at), 8) !== at
      )
        break;
      seen.add(at);
      const module = moduleAt(kernel, at);
      if (module === null) strangers += 1;
      else modules.set(module.base, module);
      at = structures.pointer(at);
    }
  }
  return [...modules.values()].toSorted((one, other) => (one.base < other.base ? -1 : 1));
}

/** Frames that hold a module's pages, for naming what lies in them. */
export function moduleFrames(
  kernel: WindowsKernel,
  modules: readonly KernelModule[],
): ReadonlyMap<number, KernelModule> {
  const frames = new Map<number, KernelModule>();
  let pages = 0;
  for (const module of modules) {
    const first = virtualPageOf(virtual(module.base));
    for (let page = 0; page * PAGE_BYTES < module.bytes && pages < MOST_PAGES; page += 1) {
      pages += 1;
      const frame = kernel.space.frameOf(first + page);
      if (frame >= 0) frames.set(frame, module);
    }
  }
  return frames;
}

function moduleAt({ structures }: WindowsKernel, at: bigint): KernelModule | null {
  const base = structures.pointer(at, ENTRY.base);
  const bytes = structures.u32(at, ENTRY.bytes);
  const name = unicodeString(structures, at + ENTRY.name);
  const isModule =
    isKernelAddress(base) &&
    base % 4096n === 0n &&
    bytes > 0 &&
    bytes < MOST_BYTES &&
    name !== null;
  return isModule ? { name, base, bytes } : null;
}
