import { PAGE_BYTES } from '../memory/address.ts';
import type { PageProbeName } from './page-probe.ts';

/**
 * What whole pages look like that are kernel structures themselves. Collected in the scan's pass under their own names,
 * by the address of the page, and candidates only.
 */
export type PageShapeName = keyof typeof PAGE_SHAPES;

/** All that can be collected beside exact bytes. */
export type ProbeName = PageProbeName | PageShapeName;

/**
 * Whether a page has the shape. Asked about every page of an image, so what nearly all pages lack is looked at first.
 *
 * @param at - of the page in `view`
 * @param address - of the page in RAM, bytes
 */
type PageShape = (view: DataView, at: number, address: number) => boolean;

const PRESENT = 1 << 0;
const WRITE = 1 << 1;
const USER = 1 << 2;
const LARGE = 1 << 7;
const KERNEL_TABLE = PRESENT | WRITE;
/** Bits 32–51 of an entry: the upper part of its frame. */
const FRAME_HIGH = 0x000f_ffff;
/** Of them, those that no RAM reaches: x64 Windows manages at most 64 TiB. */
const NO_RAM = 0x000f_c000;

/** Entry of a top table for 0xfffff780'00000000, where every x64 Windows has the page that it shares with all processes. */
const SHARED_PAGE_ENTRY = 0x1ef * 8;
const FIRST_KERNEL_ENTRY = 256 * 8;

export const PAGE_SHAPES = {
  /**
   * Top table (PML4) of x64 Windows: the entry of the shared page leads to a table, and one in the kernel's half leads
   * back to the page itself, which is how Windows sees its tables. Holds with four levels, from 7 to 11.
   */
  'windows-top-table': (view, at, address) =>
    isKernelTable(view, at + SHARED_PAGE_ENTRY) && mapsItself(view, at, address),
} as const satisfies Readonly<Record<string, PageShape>>;

export const isPageShape = (name: ProbeName): name is PageShapeName => name in PAGE_SHAPES;

const isKernelTable = (view: DataView, entry: number): boolean =>
  (view.getUint32(entry, true) & (KERNEL_TABLE | USER | LARGE)) === KERNEL_TABLE &&
  (view.getUint32(entry + 4, true) & NO_RAM) === 0;

function mapsItself(view: DataView, at: number, address: number): boolean {
  const low = ((address & -PAGE_BYTES) | KERNEL_TABLE) >>> 0;
  const high = Math.floor(address / 2 ** 32);
  for (let entry = at + FIRST_KERNEL_ENTRY; entry < at + PAGE_BYTES; entry += 8) {
    const isIts =
      (view.getUint32(entry, true) & (-PAGE_BYTES | KERNEL_TABLE | LARGE)) >>> 0 === low &&
      (view.getUint32(entry + 4, true) & FRAME_HIGH) === high;
    if (isIts) return true;
  }
  return false;
}
