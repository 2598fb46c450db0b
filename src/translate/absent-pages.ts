/** Where the page of a last-level entry is that holds no frame. Numbers, for a walk meets millions of such entries. */
export const NOWHERE = 0;
export const COMPRESSED = 1;
export const PAGED_OUT = 2;
export type Absence = typeof NOWHERE | typeof COMPRESSED | typeof PAGED_OUT;

/**
 * How one system tells it, by the two halves of an entry that is `ABSENT` and not all zero. Pages that were never
 * touched, and those that a section has, are nowhere.
 */
export type AbsenceRule = (low: number, high: number) => Absence;

/** Pages of a space that its tables know, but not in RAM as they are; those of a table that spaces share with the first. */
export interface AbsentPages {
  readonly compressed: number;
  readonly pagedOut: number;
}
