import { PAGE_BYTES } from '../memory/address.ts';

/**
 * Shapes of kernel structures that no exact bytes tell, only how their fields relate to each other and to where they
 * lie. Collected in the scan's pass like anchors, and like those candidates only. Chosen by name, so that a worker can
 * be told which.
 */
export type PageProbeName = keyof typeof PAGE_PROBES;

/**
 * Whether the shape stands at a place. Asked where the word at 0x18 has the place's own lowest 12 bits, 0x18 further
 * on: that alone leaves one place of 4096, so matchers look for it first.
 */
type PageProbe = (view: DataView, at: number) => boolean;

/** Objects in pool begin at multiples of this. */
export const PLACE_STEP = 16;
/** Places beyond this in a page reach over its end with what is looked at. */
export const LAST_PLACE = PAGE_BYTES - 0x30;

/** Upper half of a kernel address, with four levels of tables as with five. */
const KERNEL_HALF = 0xff00_0000;
const PROCESS_TYPE = 3;

export const PAGE_PROBES = {
  /**
   * Windows x64, start of a KPROCESS: type 3 in the low 7 bits; at 0x18 an empty list, so both its pointers hold the
   * kernel address of the list itself; at 0x28 a page-aligned table, with at most a PCID below. Holds from 7 to 11.
   */
  'windows-process': (view, at) =>
    view.getUint32(at + 0x1c, true) >= KERNEL_HALF &&
    view.getUint32(at + 0x18, true) === view.getUint32(at + 0x20, true) &&
    view.getUint32(at + 0x1c, true) === view.getUint32(at + 0x24, true) &&
    (view.getUint8(at) & 0x7f) === PROCESS_TYPE &&
    (view.getUint32(at + 0x28, true) >= PAGE_BYTES || view.getUint32(at + 0x2c, true) !== 0),
} as const satisfies Readonly<Record<string, PageProbe>>;
