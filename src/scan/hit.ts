import type { PhysicalAddress } from '../memory/address.ts';

/** An occurrence of an indicator in physical memory, as a linear look at RAM sees it. */
export interface Hit {
  /** Index into the scan's patterns. */
  readonly pattern: number;
  /** Of the indicator's own first byte. */
  readonly address: PhysicalAddress;
  /** Bytes of the indicator's own text. */
  readonly length: number;
  /** It touches its page's first or last byte: only the owner's neighbouring page can tell the boundary. */
  readonly openBefore: boolean;
  readonly openAfter: boolean;
  /** It runs from one frame into the next. True text only where an owner maps both in this order. */
  readonly crossesFrames: boolean;
}
