import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { ByteSource } from '../memory/byte-source.ts';
import { readRoom } from '../memory/read-room.ts';

export interface HashOptions {
  /** Called at most ten times a second. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * SHA-256 of all bytes, in hexadecimal; null where the signal stops it, for a hash of a part is no hash. Reads the whole
 * image once more, at about a third of the speed of the scan: whoever waits for an answer gets it before.
 */
export async function imageHash(
  source: ByteSource,
  { onProgress, signal }: HashOptions = {},
): Promise<string | null> {
  const hash = createHash('sha256');
  const block = readRoom(BLOCK_BYTES);
  let told = performance.now();
  for (let offset = 0; offset < source.size;) {
    if (signal?.aborted) return null;
    const count = source.read(offset, block);
    if (count === 0) break;
    hash.update(block.subarray(0, count));
    offset += count;

    const now = performance.now();
    if (now - told < TURN_MS) continue;
    onProgress?.(offset, source.size);
    await turn();
    told = now;
  }
  return hash.digest('hex');
}

/** Stays in the core's own cache between reading and hashing. */
const BLOCK_BYTES = 256 * 1024;
/** How long everybody else waits, signals among them. */
const TURN_MS = 100;
