import { PAGE_BYTES } from '../memory/address.ts';
import {
  ABSENT,
  LEAF,
  MAY_ALL,
  MAY_EXECUTE,
  MAY_USER,
  MAY_WRITE,
  TABLE,
  type EntryRules,
} from './entry-rules.ts';

/** Linux arch/x86/include/asm/pgtable_types.h, _PAGE_BIT_*. NX is bit 63: bit 31 of the high half. */
const PRESENT = 1 << 0;
const WRITE = 1 << 1;
const USER = 1 << 2;
const LARGE = 1 << 7;
const PROT_NONE = 1 << 8;
const NO_EXECUTE = 1 << 31;

/** Bits 32–51 of an entry: the upper part of its frame. */
const FRAME_HIGH = 0x000f_ffff;

/**
 * How x86-64 Linux uses page-table entries.
 *
 * A page that nobody may touch (PROT_NONE, NUMA hint) is not present but has bit 8; one whose large page is being split is
 * not present but keeps bit 7: both are still in RAM. Since the L1TF fix such entries hold their frame inverted
 * (pgtable-invert.h: inverted when the value is not 0 and bit 0 is clear). Swap and migration entries clear both bits.
 *
 * @param options.encryptionMask - the kernel's `sme_mask`: the bit that AMD SME and SEV put into frames; 0 without
 */
export function linuxRules(options: { readonly encryptionMask: bigint }): EntryRules {
  const frameHigh = FRAME_HIGH & ~Number(BigInt.asUintN(32, options.encryptionMask >> 32n));

  return {
    kind(low, _high, level) {
      if (level.pageBytes === PAGE_BYTES)
        return (low & (PRESENT | PROT_NONE)) === 0 ? ABSENT : LEAF;
      if ((low & LARGE) !== 0) {
        // Bit 7 is reserved where no large page exists: the processor faults, so nothing is mapped.
        return level.pageBytes === null ? ABSENT : LEAF;
      }
      return (low & PRESENT) === 0 ? ABSENT : TABLE;
    },

    frame(low, high, level) {
      const flip = (low & PRESENT) === 0 ? -1 : 0;
      // Below a large page's size lie no frame bits: bit 12 is its PAT bit there.
      const alignment =
        (low & LARGE) !== 0 && level.pageBytes !== null ? level.pageBytes : PAGE_BYTES;
      const upper = ((high ^ flip) & frameHigh) * 2 ** 20;
      return upper + (((low ^ flip) & -alignment) >>> 12);
    },

    pageFrame(low, high) {
      if ((low & (PRESENT | PROT_NONE)) === 0) return -1;
      const flip = (low & PRESENT) === 0 ? -1 : 0;
      return ((high ^ flip) & frameHigh) * 2 ** 20 + ((low ^ flip) >>> 12);
    },

    permissions(low, high, level) {
      // A protected page grants nothing; whose it is, the tables above still tell.
      if ((low & PRESENT) === 0) return MAY_USER;
      let granted = MAY_ALL;
      if ((low & WRITE) === 0) granted -= MAY_WRITE;
      if ((low & USER) === 0) granted -= MAY_USER;
      // Page-table isolation sets NX in the kernel's copy of the user's top entries: no property of the page (pti.c).
      if ((high & NO_EXECUTE) !== 0 && !level.isTop) granted -= MAY_EXECUTE;
      return granted;
    },

    state: (low) => ((low & PRESENT) === 0 ? 'protected' : 'valid'),
  };
}
