/**
 * Pages of a process that no entry of its tables holds, though its system counts them as the process' own and RAM has
 * them: on Windows pages of sections, which the process has not touched, or which were taken from its working set.
 */
export interface BeyondTables {
  /**
   * Frame of a page whose entry holds none: its two halves, both 0 where no table was ever made for it. -1: nowhere in
   * RAM, or not this process'.
   */
  frameOf(page: number, low: number, high: number): number;
  /** `MAY_…` bits of such a page. */
  permissionsOf(page: number): number;
}

/** A page of a process that only `BeyondTables` knows. */
export interface PageBeyond {
  readonly page: number;
  readonly frame: number;
  /** `MAY_…` bits. */
  readonly permissions: number;
}
