import type { OwnerContents } from './index-contents.ts';

/** Rows that a question looks at in one go: so many stay near the processor. */
export const BLOCK_ROWS = 8192;

/**
 * The section in the file: starts u32, the first row of each space and the number of rows | checksum of each block u32 | blocks.
 * All begin at a multiple of 8 bytes.
 */
export interface OwnerLayout {
  /** Where the checksums lie, and the blocks. */
  readonly sums: number;
  readonly blocks: number;
  readonly blockCount: number;
  readonly bytes: number;
}

/** A block: pages f64 | frames u32 | kinds u8, of its rows and of the one behind them, which may be a seam with its last. */
export interface OwnerBlock {
  readonly rows: number;
  /** In the section. */
  readonly at: number;
  /** Where the columns lie in the block. */
  readonly frames: number;
  readonly kinds: number;
  readonly bytes: number;
}

export function ownerLayout(spaces: number, uses: number): OwnerLayout {
  const sums = (spaces + 1) * 4;
  const blockCount = Math.ceil(uses / BLOCK_ROWS);
  const blocks = inEights(sums + blockCount * 4);
  const last = blockCount === 0 ? 0 : blockOf(blockCount - 1, uses, 0).bytes;
  const whole = Math.max(blockCount - 1, 0) * blockOf(0, BLOCK_ROWS, 0).bytes;
  return { sums, blocks, blockCount, bytes: blocks + whole + last };
}

/** @param blocks where the first lies in the section */
export function blockOf(number: number, uses: number, blocks: number): OwnerBlock {
  const rows = Math.min(BLOCK_ROWS, uses - number * BLOCK_ROWS);
  const frames = (rows + 1) * 8;
  const kinds = frames + (rows + 1) * 4;
  const whole = inEights((BLOCK_ROWS + 1) * 13);
  return { rows, at: blocks + number * whole, frames, kinds, bytes: inEights(kinds + rows + 1) };
}

const inEights = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Bytes that the section takes. */
export const ownerBytes = ({ uses, unreadableTables }: OwnerContents): number =>
  ownerLayout(unreadableTables.length, uses).bytes;
