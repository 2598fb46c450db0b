import { frameOf, physical } from '../memory/address.ts';
import { FrameSet } from '../memory/frame-set.ts';
import type { ScanResult } from '../scan/scan.ts';

/** The frames whose owners decide the answer: every frame that holds a byte of a hit. */
export function framesOfInterest({ hits, tails }: Pick<ScanResult, 'hits' | 'tails'>): FrameSet {
  const frames = new FrameSet(tails.limit);
  for (const { address, length } of hits) {
    frames.add(frameOf(address));
    frames.add(frameOf(physical(address + length - 1)));
  }
  return frames;
}
