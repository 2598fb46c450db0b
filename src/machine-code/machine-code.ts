import { fileURLToPath } from 'node:url';

/** What Node itself does slowly or not at all: module.c, compiled. */
export interface MachineCode {
  /** Null where the processor lacks AVX2. */
  readonly sievePages: SievePages | null;
  /** The same. */
  readonly sieveListed: SieveListed | null;
  /**
   * Where the next byte of a file lies that is not in a hole, `from` or behind; Infinity where only a hole is left.
   * `from` also where the file system cannot tell.
   */
  nextData(fd: number, from: number): number;
  /**
   * Fills `into` with the bytes of a file from `at` on, in a third of the time that Node takes for a page.
   *
   * @returns how many were read, fewer than asked at the file's end or where the system has no more at once; less than 0
   *   where they cannot be read
   */
  readAt(fd: number, into: Uint8Array, at: number): number;
  /**
   * Fills what ../scan/edge-index.ts describes, of the literals of ../scan/literal-table.ts. All is empty before.
   *
   * @returns how many halves there are
   * @throws RangeError where something lies outside of its memory
   */
  indexEdges(
    rows: Int32Array,
    texts: Uint8Array,
    isHead: boolean,
    near: Uint8Array,
    isNear: Uint32Array,
    isMore: Uint32Array,
    heads: Uint32Array,
    halves: Uint32Array,
  ): number;
  /** As `countFours` of ../scan/memory-sample.ts. `fours` and `counts` are of one length, a power of two up to 65,536. */
  readonly countFours: CountFours;
  /** How often each kind of ../scan/third-filter.ts stands in each row at every third place: by 8 * row + kind. */
  countMarks(pages: Uint8Array, counts: Uint32Array, rowBits: number): void;
}

export type CountFours = (
  words: Uint16Array,
  pairs: Uint32Array,
  fours: Uint32Array,
  counts: Uint32Array,
  least: number,
) => number;

/**
 * Looks at the whole pages [`from`, `until`) of `memory`: tells what stands there, and puts them into `PAGE_SETS`, where the
 * tables say.
 *
 * @param tables where the table of tables lies: `struct tables` of sieve.h
 * @param reach how far behind `until` a literal can be found that begins before it
 * @param end of what the image holds: literals end before
 * @param firstFrame that of the page at `from`
 * @throws RangeError where something lies outside of the memory
 */
export type SievePages = (
  memory: ArrayBuffer,
  tables: number,
  reach: number,
  from: number,
  until: number,
  end: number,
  firstFrame: number,
) => void;

/**
 * As `SievePages`, for whole pages of a file, wherever they lie in it, and on a thread of Node's pool: the memory must be left
 * alone meanwhile. Takes those away in which no literal begins and ends; where very much stands, some stay.
 *
 * @param from where pages are read to, as many at once as there are up to `until`
 * @param pages a bit each, by number: those to look at; another thread may do so, too. What cannot be read stays
 * @param stretches three numbers each: pages from one number to before another, and the byte of the file where the first
 *   begins; the others follow it. Pages in none of them stay
 * @param stop one byte: what is not looked at when it is set stays
 * @throws RangeError where something lies outside of its memory
 */
export type SieveListed = (
  memory: ArrayBuffer,
  tables: number,
  from: number,
  until: number,
  fd: number,
  pages: Uint32Array,
  stretches: Float64Array,
  stop: Uint8Array,
) => Promise<void>;

/** As in sieve.h, in this order: that show more than there is room for, that have half of a text at their start, at their end, or the larger half at either. */
export const PAGE_SETS = ['crowded', 'heads', 'tails', 'larger'] as const;

/** In place of a literal's number, where a page holds what ../scan/page-probe.ts or ../scan/page-shape.ts knows by that name. */
export const SHAPES_FOUND = { 'windows-process': 0xffff_ffff, 'windows-top-table': 0xffff_fffe };

/** Sets of tables of windows that are looked at, at most. */
export const NATIVE_SETS = 2;

/**
 * Null where there is none: other systems and processors than Linux on x86-64, a system that loads no foreign code, or
 * IP2PROCESS_NATIVE=off.
 */
export function machineCode(): MachineCode | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  if (process.env['IP2PROCESS_NATIVE'] === 'off') return null;
  const module: { exports: Partial<MachineCode> } = { exports: {} };
  try {
    process.dlopen(module, fileURLToPath(new URL(file, import.meta.url)));
  } catch {
    return null;
  }
  const {
    sievePages = null,
    sieveListed = null,
    nextData,
    readAt,
    indexEdges,
    countFours,
    countMarks,
  } = module.exports;
  return nextData && readAt && indexEdges && countFours && countMarks
    ? { sievePages, sieveListed, nextData, readAt, indexEdges, countFours, countMarks }
    : null;
}

declare const IP2PROCESS_NATIVE: string | undefined;

/** Where the machine code lies: the build says where beside its bundles that is. */
const file = typeof IP2PROCESS_NATIVE === 'string' ? IP2PROCESS_NATIVE : './linux-x64.node';
