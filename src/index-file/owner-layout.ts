import type { OwnerContents } from './index-contents.ts';

/** Columns in the file: starts u32 | frames u32 | pages f64 | kinds u8, padded to 8 bytes. */
export interface OwnerLayout {
  readonly frames: number;
  readonly pages: number;
  readonly kinds: number;
  readonly bytes: number;
}

export function ownerLayout(spaces: number, uses: number): OwnerLayout {
  const frames = (spaces + 1) * 4;
  const pages = Math.ceil((frames + uses * 4) / 8) * 8;
  const kinds = pages + uses * 8;
  return { frames, pages, kinds, bytes: Math.ceil((kinds + uses) / 8) * 8 };
}

/** Bytes that the section takes. */
export const ownerBytes = ({ uses, unreadableTables }: OwnerContents): number =>
  ownerLayout(unreadableTables.length, uses).bytes;
