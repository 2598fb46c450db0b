import { openImage } from '../../src/image/open-image.ts';
import { hex, physical } from '../../src/memory/address.ts';
import type { PhysicalMemory } from '../../src/memory/physical-memory.ts';
import { type Examined, examineRun, type Fault } from './examine.ts';

const BLOCK_BYTES = 2 ** 20;
/** Of all that a mutant claims to hold: headers can claim petabytes. */
const MOST_READ = 32 * 2 ** 20;

/** Opens an image and reads what it claims to hold; judges the layout by what `PhysicalMemory` promises. */
export const examineImage = (path: string, scratch: string): Promise<Examined> =>
  examineRun(scratch, async () => {
    const image = await openImage(path, { scratch });
    try {
      return { outcome: 'opened', fault: brokenLayout(image.memory) };
    } finally {
      image.close();
    }
  });

function brokenLayout(memory: PhysicalMemory): Fault | null {
  const block = new Uint8Array(BLOCK_BYTES);
  let end = 0;
  let left = MOST_READ;
  for (const { start, length } of memory.runs) {
    if (length <= 0) return broken(`a run of ${length} bytes`);
    if (start < end) return broken(`a run at ${hex(start)} begins before the last one ends`);
    if (start + length > 2 ** 52) return broken(`a run ends at ${hex(start + length)}`);
    end = start + length;
    for (let at = start as number; at < end && left > 0; at += BLOCK_BYTES) {
      const into = block.subarray(0, Math.min(BLOCK_BYTES, end - at));
      const held = memory.read(physical(at), into);
      if (held < 0 || held > into.length) return broken(`a read gave ${held} bytes`);
      left -= BLOCK_BYTES;
    }
  }
  return null;
}

const broken = (detail: string): Fault => ({
  kind: 'breaks a law',
  cause: detail.replaceAll(/\d+|0x[0-9a-f]+/g, 'N'),
  detail,
});
