import { frame } from '../../src/memory/address.ts';
import { FrameSet } from '../../src/memory/frame-set.ts';

/** A set of these frames; its limit is just above the highest unless given. */
export function framesOf(
  members: Iterable<number>,
  limit: number = Math.max(0, ...members) + 1,
): FrameSet {
  const set = new FrameSet(limit);
  for (const member of members) set.add(frame(member));
  return set;
}

export const noFrames = new FrameSet(0);
