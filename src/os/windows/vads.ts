import type { Structures } from '../structures.ts';
import type { VadLayout } from './offsets/layout.ts';
import { isKernelAddress } from './process-header.ts';

/** An area of a process' address space: a node of its tree (MMVAD_SHORT, or the longer MMVAD). */
export interface Vad {
  readonly address: bigint;
  /** First and last page, inclusive. */
  readonly start: number;
  readonly end: number;
  /** 0 none, 1 device memory, 2 image, 3 AWE, 4 write-watch, 5 large pages, 6 rotated, 7 section of large pages. */
  readonly type: number;
  /** MM_PROTECTION: what it was made with. */
  readonly protection: number;
  readonly isPrivate: boolean;
  /** 0: none. */
  readonly subsection: bigint;
  /** Kernel addresses of the first and last prototype entry of the view; 0: none. */
  readonly firstPrototype: bigint;
  readonly lastPrototype: bigint;
}

/** Areas of one process: browsers have tens of thousands. */
const MOST_VADS = 1_000_000;
/** Pages of the user's half with five levels of tables: 2^56 bytes. */
const USER_PAGES = 2 ** 44;
/** Enough of a node for every layout, its tag before it. */
const NODE_BYTES = 0x70;
const SHORT_BYTES = 0x40;
const TAG_BEFORE = 12;

/** Tags of the pool blocks that nodes lie in. Short nodes have nothing behind their flags. */
const TAGS = new Set(['VadS', 'Vad ', 'Vadl', 'Vadm', 'VadF']);
export const SHORT_TAGS: ReadonlySet<string> = new Set(['VadS', 'VadF']);

export interface VadTree {
  /** Ascending, without overlaps. */
  readonly vads: readonly Vad[];
  /** Nodes that could not be read, or are none. */
  readonly lost: number;
}

/** @param root - address of EPROCESS.VadRoot itself */
export function readVads(structures: Structures, layout: VadLayout, root: bigint): VadTree {
  const first = rootNode(structures, layout, root);
  const seen = new Set<bigint>();
  const vads: Vad[] = [];
  const pending = isKernelAddress(first) ? [first] : [];
  let lost = 0;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at) || seen.size >= MOST_VADS) continue;
    seen.add(at);
    const node = readNode(structures, layout, at);
    if (node === null) {
      lost += 1;
      continue;
    }
    vads.push(node.vad);
    if (isKernelAddress(node.left)) pending.push(node.left);
    if (isKernelAddress(node.right)) pending.push(node.right);
  }
  const { kept, refused } = withoutOverlaps(vads.toSorted((one, other) => one.start - other.start));
  return { vads: kept, lost: lost + refused };
}

/** The area that holds a page. */
export function vadAt(vads: readonly Vad[], page: number): Vad | null {
  let low = 0;
  let high = vads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const vad = vads[middle];
    if (vad === undefined) return null;
    if (page < vad.start) high = middle;
    else if (page > vad.end) low = middle + 1;
    else return vad;
  }
  return null;
}

export function rootNode(structures: Structures, layout: VadLayout, root: bigint): bigint {
  return structures.pointer(root, layout.isRootInside ? layout.right : 0);
}

/** A node and its children; null where there is no node. */
export function readNode(
  structures: Structures,
  layout: VadLayout,
  at: bigint,
): {
  readonly vad: Vad;
  readonly tag: string;
  readonly left: bigint;
  readonly right: bigint;
} | null {
  const block = structures.bytes(at - BigInt(TAG_BEFORE), TAG_BEFORE + NODE_BYTES);
  const tag = block.toString('latin1', 0, 4);
  const isShort = SHORT_TAGS.has(tag);
  const length = block.length - TAG_BEFORE;
  if (!TAGS.has(tag) || length < (isShort ? SHORT_BYTES : NODE_BYTES)) return null;

  // A view: a buffer makes a bigint of several others.
  const node = new DataView(block.buffer, block.byteOffset + TAG_BEFORE, length);
  const start = pageNumber(node, layout.start, layout.startHigh, layout);
  const end = pageNumber(node, layout.end, layout.endHigh, layout);
  if (start > end || end >= USER_PAGES) return null;
  const low = node.getUint32(layout.flags, true);
  const high = node.getUint32(layout.flags + 4, true);
  return {
    vad: {
      address: at,
      start,
      end,
      type: bits(low, high, layout.typeBit, 3),
      protection: bits(low, high, layout.protectionBit, 5),
      isPrivate: bits(low, high, layout.privateBit, 1) === 1,
      subsection: isShort ? 0n : node.getBigUint64(layout.subsection, true),
      firstPrototype: isShort ? 0n : node.getBigUint64(layout.firstPrototype, true),
      lastPrototype: isShort ? 0n : node.getBigUint64(layout.lastPrototype, true),
    },
    tag,
    left: node.getBigUint64(layout.left, true),
    right: node.getBigUint64(layout.right, true),
  };
}

/** No field lies in both halves. No bigint: processes have tens of thousands of nodes. */
const bits = (low: number, high: number, first: number, count: number): number =>
  ((first < 32 ? low : high) >>> (first % 32)) & (2 ** count - 1);

/** Tag of the pool block that begins 16 bytes before. */
export const tagBefore = (structures: Structures, at: bigint): string =>
  structures.bytes(at - BigInt(TAG_BEFORE), 4).toString('latin1');

function pageNumber(node: DataView, at: number, high: number | null, layout: VadLayout): number {
  if (layout.numberBytes === 8) return Number(node.getBigUint64(at, true));
  return node.getUint32(at, true) + (high === null ? 0 : node.getUint8(high) * 2 ** 32);
}

/** A tree that a hostile image bends can say anything: of what overlaps the first is kept. */
function withoutOverlaps(vads: readonly Vad[]): { kept: readonly Vad[]; refused: number } {
  const kept: Vad[] = [];
  for (const vad of vads) if (vad.start > (kept.at(-1)?.end ?? -1)) kept.push(vad);
  return { kept, refused: vads.length - kept.length };
}
