import { PAGE_BYTES, physical, type PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';

const BLOCK_BYTES = 2 ** 20;
/** How far from the first task to look, in this order: its own data section, the kernel's image, everywhere. */
const DISTANCES = [2 ** 21, 2 ** 26, Number.MAX_SAFE_INTEGER];
/** Entry 511 leads to the kernel's image in every mode. Bits: present 0, write 1, large page 7. */
const KERNEL_ENTRY = PAGE_BYTES - 8;
const USER_HALF = PAGE_BYTES / 2;

/**
 * Frames that could be a root of page tables with an empty user half, as the kernel's own has: those near its first task
 * first, for elsewhere tables of dead processes look the same. Reads the whole memory if nobody stops it.
 */
export function* rootCandidates(
  memory: PhysicalMemory,
  task: PhysicalAddress,
): Generator<PhysicalAddress> {
  const center = task - (task % BLOCK_BYTES);
  let from = center;
  let to = center;
  for (const distance of DISTANCES) {
    yield* rootsIn(memory, Math.max(0, center - distance), from);
    yield* rootsIn(memory, to, center + distance);
    from = Math.max(0, center - distance);
    to = center + distance;
  }
}

function* rootsIn(memory: PhysicalMemory, from: number, to: number): Generator<PhysicalAddress> {
  const block = new Uint8Array(BLOCK_BYTES);
  for (const run of memory.runs) {
    const start = Math.max(run.start, from);
    const end = Math.min(run.start + run.length, to);
    for (let at = start - (start % PAGE_BYTES); at < end; at += BLOCK_BYTES) {
      const held = memory.read(physical(at), block);
      for (let page = 0; page + PAGE_BYTES <= held; page += PAGE_BYTES) {
        const isTable = ((block[page + KERNEL_ENTRY] ?? 0) & 0x83) === 0x03;
        if (isTable && isEmpty(block, page, page + USER_HALF)) yield physical(at + page);
      }
    }
  }
}

function isEmpty(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
}
