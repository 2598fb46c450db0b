import type { Engine } from '../engine/engine.ts';
import { PAGE_BYTES, type PhysicalAddress, physical, virtual } from '../memory/address.ts';
import type { VirtualAddress } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';

/** Bytes that are looked at on either side of a text: boundary, form and what the report shows. */
export const CONTEXT_BYTES = 128;

/** Bytes around a text, and where the text begins in them. */
export interface Window {
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** What stands around a text in the order of a space that maps it: across its pages, wherever their frames lie. */
export function ownerWindow(
  engine: Engine,
  space: number,
  address: VirtualAddress,
  length: number,
): Window {
  return around(Number(address % BigInt(PAGE_BYTES)), length, (offset, into) =>
    engine.read(space, virtual(address + BigInt(offset)), into),
  );
}

/** What stands around a text in its own frame; `crossing` frames belong together, others do not. */
export function frameWindow(
  memory: PhysicalMemory,
  address: PhysicalAddress,
  length: number,
): Window {
  const inPage = address % PAGE_BYTES;
  const before = Math.min(inPage, CONTEXT_BYTES);
  const end = Math.ceil((inPage + length) / PAGE_BYTES) * PAGE_BYTES;
  const after = Math.min(end - inPage - length, CONTEXT_BYTES);
  const bytes = new Uint8Array(before + length + after);
  const held = memory.read(physical(address - before), bytes);
  return { bytes: bytes.subarray(0, held), start: before };
}

/** Reads [-CONTEXT, length + CONTEXT) about a text that starts `inPage`; less where the page before is not there. */
function around(
  inPage: number,
  length: number,
  read: (offset: number, into: Uint8Array) => number,
): Window {
  const bytes = new Uint8Array(CONTEXT_BYTES + length + CONTEXT_BYTES);
  if (read(-CONTEXT_BYTES, bytes.subarray(0, CONTEXT_BYTES)) === CONTEXT_BYTES) {
    const held = read(0, bytes.subarray(CONTEXT_BYTES));
    return { bytes: bytes.subarray(0, CONTEXT_BYTES + held), start: CONTEXT_BYTES };
  }
  // The page before is not in the image: the window begins with the text's own page.
  const before = Math.min(inPage, CONTEXT_BYTES);
  const own = bytes.subarray(0, before + length + CONTEXT_BYTES);
  return { bytes: own.subarray(0, read(-before, own)), start: before };
}
