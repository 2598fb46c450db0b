import { PAGE_BYTES } from '../memory/address.ts';
import {
  ABSENT,
  LEAF,
  MAY_ALL,
  MAY_EXECUTE,
  MAY_USER,
  MAY_WRITE,
  TABLE,
  type EntryKind,
  type EntryRules,
} from './entry-rules.ts';

/** Windows x64, MMPTE_HARDWARE, MMPTE_TRANSITION. NX is bit 63: bit 31 of the high half. */
const VALID = 1 << 0;
const WRITE = 1 << 1;
const USER = 1 << 2;
const LARGE = 1 << 7;
const SOFTWARE_WRITE = 1 << 11;
const NO_EXECUTE = 1 << 31;
/** Of an entry that is not valid. */
const SWIZZLE = 1 << 4;
const PROTOTYPE = 1 << 10;
const TRANSITION = 1 << 11;
const PROTECTION_SHIFT = 5;

/** Bits 32–51 of an entry: the upper part of its frame. Above them a transition entry has nothing. */
const FRAME_HIGH = 0x000f_ffff;

/** Lowest three bits of MM_PROTECTION: none, R, X, RX, RW, write-copy, RWX, write-copy and X. */
const CAN_WRITE = [false, false, false, false, true, false, true, false];
const CAN_EXECUTE = [false, false, true, true, false, false, true, true];

export interface WindowsRulesOptions {
  /**
   * MiState.InvalidPteMask, bits 32–51 of it as the low bits of a number: since the L1TF fix (2018) entries that are not
   * valid have address bits set that no RAM has, unless their bit 4 says that they are stored as they are. 0: none.
   */
  readonly invalidMaskHigh: number;
}

/**
 * How x64 Windows uses page-table entries.
 *
 * Not valid, but still in RAM, are pages in transition: taken from the working set, on the standby or modified list. Page
 * tables themselves can be so. The test for a prototype comes first, for bit 11 means something else there. Prototype,
 * demand-zero and pagefile entries hold no frame.
 */
export function windowsRules({ invalidMaskHigh }: WindowsRulesOptions): EntryRules {
  /** Of a transition entry. */
  const transitionFrame = (low: number, high: number): number => {
    const upper = (low & SWIZZLE) === 0 ? high & ~invalidMaskHigh : high;
    return frameNumber(low, upper);
  };

  return {
    kind(low, high, level) {
      if ((low & VALID) === 0) return transitionKind(low, high, level.pageBytes === PAGE_BYTES);
      if (level.pageBytes === PAGE_BYTES) return LEAF;
      // Bit 7 is reserved where no large page exists: the processor faults, so nothing is mapped.
      if ((low & LARGE) !== 0) return level.pageBytes === null ? ABSENT : LEAF;
      return TABLE;
    },

    frame(low, high, level) {
      if ((low & VALID) === 0) return transitionFrame(low, high);
      const isLarge = (low & LARGE) !== 0 && level.pageBytes !== null;
      const alignment = isLarge ? (level.pageBytes ?? PAGE_BYTES) : PAGE_BYTES;
      return frameNumber(low & -alignment, high);
    },

    pageFrame(low, high) {
      if ((low & VALID) !== 0) return frameNumber(low, high);
      return transitionKind(low, high, true) === LEAF ? transitionFrame(low, high) : -1;
    },

    permissions(low, high, level) {
      if ((low & VALID) === 0) {
        return level.pageBytes === PAGE_BYTES
          ? permissionsOfProtection((low >>> PROTECTION_SHIFT) & 31)
          : MAY_ALL;
      }
      let granted = MAY_ALL;
      // A writable page that nobody wrote yet is write-protected in hardware; bit 11 keeps that it may be.
      if ((low & (WRITE | SOFTWARE_WRITE)) === 0) granted -= MAY_WRITE;
      if ((low & USER) === 0) granted -= MAY_USER;
      // With KVA shadow the kernel's copy of the user's top entries has NX ("software SMEP"): no property of the page.
      if ((high & NO_EXECUTE) !== 0 && level.pageBytes !== null) granted -= MAY_EXECUTE;
      return granted;
    },

    state: (low) => ((low & VALID) === 0 ? 'transition' : 'valid'),
  };
}

/** `MAY_…` bits of a user page with this MM_PROTECTION (five bits: as in VADs and in entries that are not valid). */
export function permissionsOfProtection(protection: number): number {
  const write = CAN_WRITE[protection & 7] === true ? MAY_WRITE : 0;
  return MAY_USER | write | (CAN_EXECUTE[protection & 7] === true ? MAY_EXECUTE : 0);
}

const frameNumber = (low: number, high: number): number =>
  (high & FRAME_HIGH) * 2 ** 20 + (low >>> 12);

function transitionKind(low: number, high: number, isLast: boolean): EntryKind {
  if ((low & (PROTOTYPE | TRANSITION)) !== TRANSITION) return ABSENT;
  // Set bits above the frame: a pointer that is stored in a prototype entry's place, or what was a table once.
  if ((high & ~FRAME_HIGH) !== 0) return ABSENT;
  return isLast ? LEAF : TABLE;
}
