/** A table of every supported mode is one 4 KiB frame: 512 entries of 8 bytes. */
export const TABLE_ENTRIES = 512;
export const ENTRY_BYTES = 8;
/** Halves of 32 bits. */
export const ENTRY_WORDS = 2;

/** One level of the tree of page tables. */
export interface Level {
  /** As the Intel manual names its table: "PML4". */
  readonly name: string;
  /** Lowest bit of the virtual address that picks an entry here. */
  readonly shift: number;
  /** Virtual pages of 4 KiB that one entry covers: 2^(shift - 12). */
  readonly entryPages: number;
  /** Bytes of the page that an entry can map by itself; null: entries here only lead to tables. */
  readonly pageBytes: number | null;
  /** The level of the root, CR3's table. */
  readonly isTop: boolean;
}

/** How the processor cuts a virtual address up. */
export interface PagingMode {
  readonly name: string;
  /** Bits of a virtual address that are translated; those above repeat the topmost of them. */
  readonly addressBits: number;
  /** From the root down. */
  readonly levels: readonly Level[];
}

/** Intel SDM vol. 3A, 4.5 "4-Level Paging and 5-Level Paging". */
const PML5 = level('PML5', 48, null, true);
const PML4 = level('PML4', 39, null);
const PDPT = level('PDPT', 30, 2 ** 30);
const PD = level('PD', 21, 2 ** 21);
const PT = level('PT', 12, 2 ** 12);

export const FOUR_LEVEL: PagingMode = {
  name: 'x86-64 4-level',
  addressBits: 48,
  levels: [{ ...PML4, isTop: true }, PDPT, PD, PT],
};

export const FIVE_LEVEL: PagingMode = {
  name: 'x86-64 5-level',
  addressBits: 57,
  levels: [PML5, PML4, PDPT, PD, PT],
};

/** Pages in each half of the mode: the user's from 0 up, the kernel's below 2^52. */
export const halfPages = (mode: PagingMode): number => 2 ** (mode.addressBits - 1 - 12);

/** Whether bits above the translated ones repeat the topmost, as the processor demands. */
export function isCanonical(page: number, mode: PagingMode): boolean {
  const half = halfPages(mode);
  return (page >= 0 && page < half) || (page >= 2 ** 52 - half && page < 2 ** 52);
}

function level(name: string, shift: number, pageBytes: number | null, isTop = false): Level {
  return { name, shift, entryPages: 2 ** (shift - 12), pageBytes, isTop };
}
