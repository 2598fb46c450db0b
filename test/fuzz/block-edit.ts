import type { Random } from '../support/build-image/random.ts';
import type { MemoryEdit } from './edit.ts';

export const LONGEST_BLOCK = 65_536;

/** Many bytes at once: those of another place, or all the same. */
export function blockEdit(random: Random, size: number, at: number): MemoryEdit {
  const length = 1 + random.below(Math.min(size, random.below(2) === 0 ? 256 : LONGEST_BLOCK));
  if (random.below(2) === 0) return { kind: 'copy', at, from: random.below(size), length };
  return { kind: 'fill', at, length, byte: random.below(2) === 0 ? 0 : random.below(256) };
}
