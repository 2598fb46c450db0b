import { physical } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import type { ScanInput } from '../../src/scan/scan.ts';

/** RAM of given stretches, ascending. `damaged`: pages (by address) that a run claims and the image cannot give. */
export function ram(
  stretches: readonly (readonly [start: number, bytes: Uint8Array])[],
  damaged: readonly number[] = [],
): ScanInput {
  const memory: PhysicalMemory = {
    runs: stretches.map(([start, bytes]) => ({
      start: physical(start),
      length: bytes.length,
      fileOffset: null,
    })),
    read(at, into) {
      const hole = Math.min(
        ...damaged.map((page) => (at < page + 4096 ? Math.max(page - at, 0) : Infinity)),
        into.length,
      );
      let count = 0;
      for (const [start, bytes] of stretches) {
        const next = at + count;
        if (next < start || next >= start + bytes.length || count >= hole) continue;
        const part = bytes.subarray(next - start, next - start + hole - count);
        into.set(part, count);
        count += part.length;
      }
      return count;
    },
  };
  return { source: bytesSource(new Uint8Array()), memory };
}

/** Zeros with texts at offsets; what would stand beyond the end is cut off. */
export function filled(
  length: number,
  texts: Readonly<Record<number, string | Uint8Array>>,
): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [offset, text] of Object.entries(texts)) {
    const part = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
    bytes.set(part.subarray(0, length - Number(offset)), Number(offset));
  }
  return bytes;
}
