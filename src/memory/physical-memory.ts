import type { PhysicalAddress } from './address.ts';

/** One stretch of RAM that the image holds without a gap. */
export interface MemoryRun {
  readonly start: PhysicalAddress;
  /** Bytes. */
  readonly length: number;
  /** Where its first byte lies in the image file; null where the file holds it compressed. */
  readonly fileOffset: number | null;
}

/** The machine's RAM as the image recorded it. Addresses outside `runs` were never captured: unknown, not zero. */
export interface PhysicalMemory {
  /** Ascending by start, never overlapping, neighbours merged where file offsets run on too. */
  readonly runs: readonly MemoryRun[];
  /**
   * Fills `into` from `at` and returns how many bytes the image holds there before its next hole:
   * 0 when `at` lies in a hole. A hole is a fact, not a failure. Damaged stored data counts as a hole.
   */
  read(at: PhysicalAddress, into: Uint8Array): number;
  /** Whether so many bytes from `at` are zeros because the image's file has nothing there: known without reading them. */
  isHole?(at: PhysicalAddress, length: number): boolean;
}
