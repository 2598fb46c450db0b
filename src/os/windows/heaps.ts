import type { Structures } from '../structures.ts';
import { isUserAddress } from './process-header.ts';

/** PEB, x64: count of heaps u32, address of an array of their addresses. */
const HEAP_COUNT = 0xe8;
const HEAPS = 0xf0;
const MOST_HEAPS = 4096;
/** In a heap's own memory: HEAP_SEGMENT.SegmentSignature, SEGMENT_HEAP.Signature (since 10), HEAP.Signature. */
const SIGNATURES: readonly (readonly [offset: number, signature: number])[] = [
  [0x10, 0xffee_ffee],
  [0x10, 0xddee_ddee],
  [0x98, 0xeeff_eeff],
];

/** Starts of the heaps that a process' environment block lists. */
export function heapsOf(user: Structures, peb: bigint): ReadonlySet<bigint> {
  const heaps = new Set<bigint>();
  const array = user.pointer(peb, HEAPS);
  if (!isUserAddress(peb) || !isUserAddress(array)) return heaps;
  const count = Math.min(user.u32(peb, HEAP_COUNT), MOST_HEAPS);
  for (let index = 0; index < count; index += 1) {
    const heap = user.pointer(array, index * 8);
    if (isUserAddress(heap)) heaps.add(heap);
  }
  return heaps;
}

/** Whether an area begins as a heap, or a further segment of one, does. */
export const isHeap = (user: Structures, start: bigint): boolean =>
  SIGNATURES.some(([offset, signature]) => user.u32(start, offset) === signature);
