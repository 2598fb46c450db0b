import type { Level } from './levels.ts';
import type { MappingState } from './mapping.ts';

/** What an entry is. Numbers, for a walk reads millions of them. */
export const ABSENT = 0;
export const TABLE = 1;
export const LEAF = 2;
export type EntryKind = typeof ABSENT | typeof TABLE | typeof LEAF;

/** Bits of `permissions`. An address has those that every entry on its way grants. */
export const MAY_WRITE = 1;
export const MAY_USER = 2;
export const MAY_EXECUTE = 4;
export const MAY_ALL = MAY_WRITE | MAY_USER | MAY_EXECUTE;

/**
 * How one operating system uses page-table entries, above all those that the processor ignores (not present).
 *
 * An entry is handed over as its two unsigned 32-bit halves: a bigint here costs 4.5 times as much. The methods are pure
 * and make no objects. All but `kind` and `pageFrame` are asked only about
 * entries that are not `ABSENT`.
 */
export interface EntryRules {
  /** `TABLE` is never answered on the last level, `LEAF` never where the level has no page size. */
  kind(low: number, high: number, level: Level): EntryKind;
  /** Number of the 4 KiB frame of the next table, or of the first frame of the page, aligned to the page's size. */
  frame(low: number, high: number, level: Level): number;
  /** Of an entry of the last level: `frame` where `kind` is `LEAF`, else -1. In one, for a walk reads millions of them. */
  pageFrame(low: number, high: number): number;
  /** `MAY_…` bits that this entry grants. */
  permissions(low: number, high: number, level: Level): number;
  /** Asked about leaves only. */
  state(low: number, high: number, level: Level): MappingState;
}
