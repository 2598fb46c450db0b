import type { Engine } from '../engine/engine.ts';
import { frameOf, PAGE_BYTES, physical, virtual } from '../memory/address.ts';
import type { PhysicalAddress, VirtualAddress } from '../memory/address.ts';
import { joined, type Agreement } from '../os/agreement.ts';
import type { PageState } from '../os/page-state.ts';
import type { Part } from './occurrence.ts';

/**
 * Whether the kernel's books of frames confirm that a space maps a text: both ways agree for all its pages, or one page
 * is contradicted, or it cannot be told.
 *
 * @param address - of the text's first byte in the space; its parts follow each other from there
 */
export function agreementOf(
  engine: Engine,
  space: number,
  address: VirtualAddress,
  parts: readonly Part[],
): Agreement {
  const said: Agreement[] = [];
  let from = address;
  for (const { address: start, length } of parts) {
    // A text is shorter than a page, so of a part the two ends are all its pages.
    const ends = new Set([start, physical(start + length - 1)].map(frameOf));
    for (const frame of ends) {
      const at = Math.max(start, frame * PAGE_BYTES);
      const there = virtual(from + BigInt(at - start));
      said.push(
        isOfNobody(engine, physical(at))
          ? 'contradicted'
          : (engine.agreement?.(space, there, frame) ?? 'unchecked'),
      );
    }
    from = virtual(from + BigInt(length));
  }
  return joined(said);
}

/** In these states the kernel's books would never give a frame to a process. */
function isOfNobody(engine: Engine, at: PhysicalAddress): boolean {
  const { kind }: PageState = engine.pageState(frameOf(at), at % PAGE_BYTES);
  return kind === 'free' || kind === 'slab' || kind === 'page-table';
}
