import { virtual } from '../../memory/address.ts';
import type { Region, RegionKind } from '../region.ts';
import { Structures } from '../structures.ts';
import { heapsOf, isHeap } from './heaps.ts';
import type { WindowsKernel } from './kernel.ts';
import { originOf } from './section-files.ts';
import { stacksOf, type ThreadStack } from './thread-stacks.ts';
import { vadAt, type Vad, type VadTree } from './vads.ts';
import type { WindowsProcess } from './process-reader.ts';

/** MM_PROTECTION, its lowest three bits: none, R, X, RX, RW, write-copy, RWX, write-copy and X. */
const ACCESS = ['---', 'r--', '--x', 'r-x', 'rw-', 'r--', 'rwx', 'r-x'] as const;
const WRITE_COPY = [5, 7];
/** MI_VAD_TYPE */
const DEVICE_MEMORY = 1;
const IMAGE = 2;

/**
 * Memory of a process by purpose, as its VADs have it. The fourth letter of the protection is p for private, s for
 * shared, c for pages that become private when they are written (write-copy: counted as not writable).
 */
export function regionsOf(
  kernel: WindowsKernel,
  { process, listed, space }: WindowsProcess,
  tree: VadTree,
): readonly Region[] {
  const owner = `process ${process.pid} (${process.name})`;
  if (tree.lost > 0) {
    kernel.warn(
      `The purpose of some memory of ${owner} is unknown: ${tree.lost} areas of its tree could not be read`,
    );
  }
  const user = space && new Structures(space);
  const heaps = user === null ? new Set<bigint>() : heapsOf(user, listed.fields.peb);
  const stacks = areasOfStacks(tree, user === null ? [] : stacksOf(kernel, listed, user));

  const purpose = (vad: Vad): { kind: RegionKind; name: string | null } => {
    const start = BigInt(vad.start) << 12n;
    if (vad.type === DEVICE_MEMORY) return { kind: 'special', name: null };
    if (!vad.isPrivate) {
      const origin = originOf(kernel, vad.subsection);
      return origin ?? { kind: vad.type === IMAGE ? 'image' : 'unknown', name: null };
    }
    if (heaps.has(start) || (user !== null && isHeap(user, start))) {
      return { kind: 'heap', name: null };
    }
    const thread = stacks.get(vad);
    if (thread !== undefined) return { kind: 'stack', name: `[stack:${thread}]` };
    return { kind: 'anonymous', name: null };
  };
  return tree.vads.map((vad) => ({
    start: virtual(BigInt(vad.start) << 12n),
    end: virtual(BigInt(vad.end + 1) << 12n),
    protection: protectionText(vad),
    ...purpose(vad),
  }));
}

/** The area that each stack lies in, and its thread. */
function areasOfStacks(tree: VadTree, stacks: readonly ThreadStack[]): ReadonlyMap<Vad, number> {
  const areas = new Map<Vad, number>();
  for (const { address, thread } of stacks) {
    const vad = vadAt(tree.vads, Number(address >> 12n));
    if (vad !== null && !areas.has(vad)) areas.set(vad, thread);
  }
  return areas;
}

function protectionText({ protection, isPrivate }: Vad): string {
  const access = ACCESS[protection & 7] ?? '---';
  if (WRITE_COPY.includes(protection & 7)) return `${access}c`;
  return access + (isPrivate ? 'p' : 's');
}
