import { PAGE_BYTES } from '../memory/address.ts';

/**
 * Shapes of kernel structures that no exact bytes tell, only how their fields relate to each other and to where they
 * lie. Collected in the scan's pass like anchors, and like those candidates only. Chosen by name, so that a worker can
 * be told which.
 */
export type PageProbeName = keyof typeof PAGE_PROBES;

/**
 * Looks at one page.
 *
 * @param words the page's bytes begin at `first`; little-endian
 * @param found called with offsets in the page
 */
type PageProbe = (words: Int32Array, first: number, found: (offset: number) => void) => void;

/** The list and the table of the last object that lies in the page as far as it is looked at. */
const LAST_LIST = PAGE_BYTES - 0x18;
/** Upper half of a kernel address of four or five levels: bits 63–56. */
const KERNEL_HALF = 0xff00_0000 | 0;

export const PAGE_PROBES = {
  /**
   * Windows x64, start of a KPROCESS: type 3 in the low 7 bits; at 0x18 an empty list, so both its pointers hold the
   * kernel address of the list itself; at 0x28 a page-aligned table, with at most a PCID below. Holds from Vista to 11.
   */
  'windows-process': (words, first, found) => {
    // The rarest first: the list's address has the place's own lowest 12 bits. Signed words keep to small integers.
    for (let at = first + 6, list = 0x18; list < LAST_LIST; at += 4, list += 16) {
      if (((words[at] ?? 0) & 0xfff) !== list) continue;
      if (words[at] !== words[at + 2] || words[at + 1] !== words[at + 3]) continue;
      const isKernel = ((words[at + 1] ?? 0) & KERNEL_HALF) === KERNEL_HALF;
      const hasTable = ((words[at + 4] ?? 0) & ~0xfff) !== 0 || words[at + 5] !== 0;
      if (isKernel && hasTable && ((words[at - 6] ?? 0) & 0x7f) === 3) found(list - 0x18);
    }
  },
} as const satisfies Readonly<Record<string, PageProbe>>;
