import { PAGE_BYTES, type PhysicalAddress } from '../memory/address.ts';
import type { Anchor, AnchorHit } from './anchor.ts';

/** Kept of each anchor, those at the lowest addresses: a kernel shows its marks a few times, a hostile image at will. */
export const ANCHOR_LIMIT = 4096;

/** What is collected of an anchor or a probe. */
type Collected = Pick<Anchor, 'name' | 'pageOffsets'>;

/** Anchor hits of one thread, which meets them block by block in ascending order, and within a block in any. */
export class AnchorList {
  private readonly anchors: readonly Collected[];
  private readonly kept: PhysicalAddress[][];
  /** Places in the block at hand: the same lists for all blocks, for most stay empty. */
  private readonly met: readonly PhysicalAddress[][];
  private hasMet = false;

  constructor(anchors: readonly Collected[]) {
    this.anchors = anchors;
    this.kept = anchors.map(() => []);
    this.met = anchors.map(() => []);
  }

  /** Notes a place in the block at hand. */
  meet(anchor: number, address: PhysicalAddress): void {
    this.met[anchor]?.push(address);
    this.hasMet = true;
  }

  /** Keeps the places of the block at hand where their anchors count. */
  endBlock(): void {
    if (!this.hasMet) return;
    for (const [anchor, addresses] of this.met.entries()) {
      if (addresses.length > 0) this.keep(anchor, addresses);
      addresses.length = 0;
    }
    this.hasMet = false;
  }

  private keep(anchor: number, addresses: readonly PhysicalAddress[]): void {
    const kept = this.kept[anchor];
    const offsets = this.anchors[anchor]?.pageOffsets;
    for (const address of addresses.toSorted((a, b) => a - b)) {
      if (!kept || kept.length >= ANCHOR_LIMIT) return;
      if (!offsets || offsets.includes(address % PAGE_BYTES)) kept.push(address);
    }
  }

  /** Per anchor, ascending. */
  get addresses(): readonly (readonly PhysicalAddress[])[] {
    return this.kept;
  }
}

/** What all threads found, in ascending order. */
export function mergedAnchors(
  parts: readonly AnchorList['addresses'][],
  anchors: readonly Collected[],
): AnchorHit[] {
  return anchors
    .flatMap(({ name }, anchor) =>
      parts
        .flatMap((part) => part[anchor] ?? [])
        .toSorted((a, b) => a - b)
        .slice(0, ANCHOR_LIMIT)
        .map((address) => ({ name, address })),
    )
    .toSorted((a, b) => a.address - b.address);
}
