import { physical } from '../../../src/memory/address.ts';
import type { PhysicalMemory } from '../../../src/memory/physical-memory.ts';
import { LINUX_ANCHORS } from '../../../src/os/linux/anchors.ts';
import type { AnchorHit } from '../../../src/scan/anchor.ts';

const BLOCK_BYTES = 2 ** 24;
const LONGEST = 64;

/** What the scan would hand over, found the plain way: block by block, one anchor after the other. */
export function findAnchors(memory: PhysicalMemory): AnchorHit[] {
  const hits: AnchorHit[] = [];
  const block = Buffer.alloc(BLOCK_BYTES + LONGEST);
  for (const { start, length } of memory.runs) {
    for (let at: number = start; at < start + length; at += BLOCK_BYTES) {
      const held = block.subarray(0, memory.read(physical(at), block));
      for (const { name, bytes } of LINUX_ANCHORS) {
        let found = held.indexOf(bytes);
        for (; found >= 0 && found < BLOCK_BYTES; found = held.indexOf(bytes, found + 1)) {
          hits.push({ name, address: physical(at + found) });
        }
      }
    }
  }
  return hits;
}
