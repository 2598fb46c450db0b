import type { Frame, PhysicalAddress, VirtualAddress } from '../memory/address.ts';
import type { AddressSpace } from '../translate/address-space.ts';
import type { AbsenceRule } from '../translate/absent-pages.ts';
import type { PageBeyond } from '../translate/beyond-tables.ts';
import type { Agreement } from './agreement.ts';
import type { PageState } from './page-state.ts';
import type { Process } from './process.ts';
import type { Region } from './region.ts';
import type { SentRange } from './sent-range.ts';

/** One set of user page tables, and who runs in it: normally one process, more after vfork or CLONE_VM. */
export interface ProcessSpace {
  readonly root: PhysicalAddress;
  /** Indices into `processes`. */
  readonly processes: readonly number[];
  readonly space: AddressSpace;
  /** Pages of it that its tables do not hold, as far as their frames are wanted (Windows: pages of sections). */
  pagesBeyond?(isWanted: (frame: number) => boolean): Iterable<PageBeyond>;
}

/** The system in the image, as far as it could be read. Built once; everything in it is checked against the image. */
export interface OperatingSystem {
  readonly kind: 'linux' | 'windows';
  /** Like "Linux 6.1.0-50-amd64". */
  readonly release: string;
  readonly hostName: string | null;
  /** Like "UTC+02:00" or "Europe/Amsterdam". */
  readonly timeZone: string | null;
  readonly bootTime: Date | null;
  /** When the image was taken, by the machine's own clock. */
  readonly captureTime: Date | null;
  /** Thread group leaders, kernel threads included, in the system's order. */
  readonly processes: readonly Process[];
  /** Each distinct set of user page tables once. */
  readonly spaces: readonly ProcessSpace[];
  /** The kernel's own view of memory. */
  readonly kernel: AddressSpace;
  /** Regions of a process in ascending order; empty where they could not be read (a warning says so). */
  regions(process: Process): readonly Region[];
  /** What the kernel's books say about a frame; a place in it (bytes) can tell more, like which block of a pool it is. */
  pageState(frame: Frame, offset?: number): PageState;
  /**
   * Whether the kernel's books of frames say, too, that a space (index into `spaces`) maps a frame at a user address; absent
   * where the system cannot tell.
   */
  agreement?(space: number, address: VirtualAddress, frame: Frame): Agreement;
  /** Kernel memory that holds bytes which a process gave to its sockets; absent where the system keeps none. */
  sentRanges?(process: Process): readonly SentRange[];
  /** Tells pages that are compressed or paged out by their entries; absent where they are not counted (Linux). */
  readonly absenceOf?: AbsenceRule;
  /** What could not be read, and what that means for the answer: one sentence each. */
  readonly warnings: readonly string[];
}
