import type { PhysicalAddress } from '../memory/address.ts';

/**
 * A mark of an operating system that the scan collects in passing, so that finding the kernel costs no second read
 * of the image. Candidates only: whoever asked for it checks each.
 */
export interface Anchor {
  readonly name: string;
  /** 4 to 64 bytes, exact. */
  readonly bytes: Uint8Array;
  /** Offsets in a 4 KiB page where it counts; absent: anywhere. */
  readonly pageOffsets?: readonly number[];
}

export interface AnchorHit {
  /** `Anchor.name` */
  readonly name: string;
  readonly address: PhysicalAddress;
}
