import { virtual, type Frame } from '../../memory/address.ts';
import type { PageState, PageStateKind } from '../page-state.ts';
import type { Kernel } from './kernel.ts';
import { pageLayout, typeOfPage } from './page-layout.ts';
import type { Paths } from './paths.ts';
import { isKernelAddress } from './structures.ts';

const UNKNOWN: PageState = { kind: 'unknown', detail: null };
/** Low bits of page.mapping: 1 anonymous, 2 movable by its driver, 3 KSM (include/linux/page-flags.h). */
const MAPPING_FLAGS = 3n;
/** Detail of a frame that nobody refers to, and that no list of free ones is seen to hold. */
const UNLISTED = 'in no list of free pages';
const MAX_CACHE_NAME = 128;
/** Free blocks have 2^0 to 2^10 pages. */
const MAX_ORDER = 10;

/** Reads the kernel's description of a frame (struct page) from the array of them that begins at `map`. */
export function pageStates(kernel: Kernel, paths: Paths, map: bigint): (frame: Frame) => PageState {
  const { btf, structures, space } = kernel;
  const layout = pageLayout(btf, kernel.release);
  const host = btf.offset('address_space', 'host');
  const cacheName = btf.offsetOrNull('kmem_cache', 'name');
  // Room for a word behind it: damaged types can place a member across the end.
  const bytes = Buffer.alloc(layout.bytes + 8);
  const body = bytes.subarray(0, layout.bytes);

  const load = (page: bigint): boolean => space.read(virtual(page), body) === layout.bytes;
  const pointer = (offset: number): bigint => bytes.readBigUInt64LE(offset);

  const slabCache = (): string | null => {
    if (layout.slabCache === null || cacheName === null) return null;
    const name = structures.pointer(pointer(layout.slabCache), cacheName);
    return structures.text(name, MAX_CACHE_NAME) || null;
  };

  const mapped = (): PageState => {
    const mapping = pointer(layout.mapping);
    if ((mapping & 1n) === 1n) return state('anonymous');
    if ((mapping & MAPPING_FLAGS) !== 0n || !isKernelAddress(mapping)) return state('kernel');
    return state('page-cache', paths.ofInode(structures.pointer(mapping, host)));
  };

  return (frame) => {
    const page = map + BigInt(frame) * BigInt(layout.bytes);
    if (!load(page)) return UNKNOWN;
    const head = pointer(layout.compoundHead);
    // A page of a larger unit: its first one speaks for all.
    if ((head & 1n) === 1n && !loadHead(head - 1n)) return UNKNOWN;

    const flags = bytes.readUInt32LE(layout.flags);
    // Never written: the array has an entry for the frame, but the machine no such RAM.
    if (flags === 0xffff_ffff) return UNKNOWN;
    if (layout.isReserved(flags)) return state('kernel', 'reserved');
    const type = typeOfPage(layout, flags, bytes.readUInt32LE(layout.type));
    if (type === 'slab') return state('slab', slabCache());
    if (type === 'table') return state('page-table');
    if (type === 'buddy') return state('free');
    if (bytes.readUInt32LE(layout.references) === 0) {
      return state('free', isSurelyFree(page, frame) ? null : UNLISTED);
    }
    return mapped();
  };

  function loadHead(head: bigint): boolean {
    const isAligned = head >= map && (head - map) % BigInt(layout.bytes) === 0n;
    return isAligned && load(head);
  }

  /**
   * Nobody refers to it. It is surely free in a block whose first page is marked, or in a processor's own list, which has
   * no mark. Without either it can be a later page of several that the kernel took at once.
   */
  function isSurelyFree(page: bigint, frame: Frame): boolean {
    for (let order = 0; order <= MAX_ORDER; order += 1) {
      const first = page - BigInt(frame % 2 ** order) * BigInt(layout.bytes);
      if (order > 0 && first === page) continue;
      if (!load(first) || bytes.readUInt32LE(layout.references) !== 0) return false;
      const flags = bytes.readUInt32LE(layout.flags);
      const isBuddy = typeOfPage(layout, flags, bytes.readUInt32LE(layout.type)) === 'buddy';
      if (isBuddy && pointer(layout.order) >= BigInt(order)) return true;
      if (isListed(first)) return true;
    }
    return false;
  }

  function isListed(page: bigint): boolean {
    const next = pointer(layout.list);
    const node = page + BigInt(layout.list);
    return isKernelAddress(next) && next !== node && structures.pointer(next, 8) === node;
  }
}

const state = (kind: PageStateKind, detail: string | null = null): PageState => ({ kind, detail });
