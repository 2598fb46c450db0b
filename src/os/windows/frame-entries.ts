import type { FrameEntry } from './former-owner.ts';
import { ENTRY_BYTES, type FrameDatabase } from './frame-database.ts';
import type { WindowsKernel } from './kernel.ts';

/** Reads what the kernel's books say of a frame; null: nothing, or they are not in the image. */
export function entryReader(
  { structures }: WindowsKernel,
  database: FrameDatabase | null,
): (frame: number) => FrameEntry | null {
  if (database === null) return () => null;
  const { base, layout } = database;
  const frameMask = (1n << BigInt(Math.min(layout.frameBits, 40))) - 1n;
  // One frame is asked for several times in a row: by those who own it, and for what it is.
  let last: { readonly frame: number; readonly entry: FrameEntry | null } | null = null;
  return (frame) => {
    if (last?.frame !== frame) last = { frame, entry: read(frame) };
    return last.entry;
  };

  function read(frame: number): FrameEntry | null {
    const bytes = structures.bytes(base + BigInt(frame) * BigInt(ENTRY_BYTES), ENTRY_BYTES);
    if (bytes.length < ENTRY_BYTES) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, ENTRY_BYTES);
    const u4 = view.getBigUint64(layout.frame, true);
    return {
      location: view.getUint8(layout.state + 2) & 7,
      pteAddress: view.getBigUint64(layout.pteAddress, true) & ~7n,
      parent: Number(u4 & frameMask),
      isPrototype: ((u4 >> BigInt(layout.prototypeBit)) & 1n) === 1n,
      originalPte: view.getBigUint64(layout.originalPte, true),
    };
  }
}
