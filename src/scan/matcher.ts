import type { PageProbeName } from './page-probe.ts';

/**
 * Finds all literals of a `LiteralIndex` in bytes that were put into its `bytes`. Two of them exist: WebAssembly, and
 * plain JavaScript for machines without it; one suite of tests holds both.
 */
export interface Matcher {
  /** Where the bytes to search are put; as long as was asked for. */
  readonly bytes: Uint8Array;
  /**
   * Calls `found` for each occurrence that begins in [from, until) and ends at or before `end`, all of them indexes in
   * `bytes`. An occurrence is told once; in no order.
   */
  match(from: number, until: number, end: number, found: Found): void;
  /**
   * Calls `found` for each place in the whole pages of [from, until) where the shape stands: indexes in `bytes`,
   * ascending. `from` is the start of a page of memory and a multiple of 4.
   */
  probe(name: PageProbeName, from: number, until: number, found: (at: number) => void): void;
}

/** @param literal its index in the list that the `LiteralIndex` was made of */
export type Found = (literal: number, at: number) => void;
