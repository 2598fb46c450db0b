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
}

/** @param literal its index in the list that the `LiteralIndex` was made of */
export type Found = (literal: number, at: number) => void;
