import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { AddressSpaceWriter } from './address-space-writer.ts';
import type { KernelSpace } from './kernel-space.ts';

/**
 * Leaves in free frames what machines have there: copies of pool pages with their objects, and of page tables. Nothing in
 * them is true any more, though it looks so.
 *
 * @param planted frames that hold what a test searches: not copied
 */
export function writeStale(
  kernel: KernelSpace,
  writers: readonly AddressSpaceWriter[],
  planted: ReadonlySet<number>,
): void {
  const { ram, frames } = kernel.world;
  const { nonPagedPool } = kernel.addresses;
  const first = Number(BigInt.asUintN(64, nonPagedPool) >> 12n);
  const pool = [...kernel.frames]
    .filter(([page]) => page >= first && page < first + POOL_PAGES)
    .map(([, frame]) => frame);
  const tables = writers.flatMap(({ space }) => space.tables.tables.slice(0, 4));
  for (const source of [...pool, ...tables]) {
    if (planted.has(source)) continue;
    const copy = ram.take();
    ram.write(copy * PAGE_BYTES, Uint8Array.from(ram.page(source)));
    frames.write(copy, { location: 'free', pteAddress: 0n, pteFrame: 0 });
  }
}

/** Enough for the objects of the first processes. */
const POOL_PAGES = 64;
