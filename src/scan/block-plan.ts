import { PAGE_BYTES } from '../memory/address.ts';
import type { MemoryRun } from '../memory/physical-memory.ts';

/** A piece of work: addresses [start, end). Bytes up to `readEnd` follow without a gap: its last texts may end there. */
export interface Block {
  readonly start: number;
  readonly end: number;
  readonly readEnd: number;
}

/** Runs cut into blocks that end on page edges. Nothing is stored per block: hostile runs can claim billions. */
export class BlockPlan {
  readonly count: number;
  /** Bytes of all runs. */
  readonly bytes: number;
  private readonly stretches: readonly Stretch[];
  private readonly blockBytes: number;

  /** @param blockBytes a multiple of the page size */
  constructor(runs: readonly MemoryRun[], blockBytes: number) {
    this.blockBytes = blockBytes;
    let count = 0;
    let bytes = 0;
    const stretches: Stretch[] = [];
    for (const { start, end } of joined(runs)) {
      stretches.push({ start, end, firstBlock: count });
      count += Math.floor((end - 1) / blockBytes) - Math.floor(start / blockBytes) + 1;
      bytes += end - start;
    }
    this.stretches = stretches;
    this.count = count;
    this.bytes = bytes;
  }

  /** @param number 0 to `count` - 1; ascending numbers are ascending addresses */
  block(number: number): Block {
    const stretch = this.stretchOf(number);
    const index = Math.floor(stretch.start / this.blockBytes) + number - stretch.firstBlock;
    const start = Math.max(stretch.start, index * this.blockBytes);
    const end = Math.min(stretch.end, (index + 1) * this.blockBytes);
    return { start, end, readEnd: Math.min(stretch.end, end + PAGE_BYTES) };
  }

  private stretchOf(number: number): Stretch {
    let low = 0;
    let high = this.stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.stretches[middle]?.firstBlock ?? Infinity) <= number) low = middle;
      else high = middle - 1;
    }
    const stretch = this.stretches[low];
    if (!stretch || number >= this.count)
      throw new RangeError(`No block ${number} of ${this.count}`);
    return stretch;
  }
}

/** Addresses [start, end) without a hole. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly firstBlock: number;
}

/** Runs that touch are one stretch of RAM, wherever the file keeps them. */
function joined(runs: readonly MemoryRun[]): { start: number; end: number }[] {
  const stretches: { start: number; end: number }[] = [];
  for (const { start, length } of runs) {
    const last = stretches.at(-1);
    if (length <= 0) continue;
    if (last && last.end === start) last.end += length;
    else stretches.push({ start, end: start + length });
  }
  return stretches;
}
