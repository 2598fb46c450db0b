import type { Frame, PhysicalAddress, VirtualAddress } from '../memory/address.ts';
import type { FrameSet } from '../memory/frame-set.ts';
import type { Agreement } from '../os/agreement.ts';
import type { NotInMemory } from '../os/not-in-memory.ts';
import type { PageState } from '../os/page-state.ts';
import type { Process } from '../os/process.ts';
import type { Region } from '../os/region.ts';
import type { SentRange } from '../os/sent-range.ts';
import type { Halves } from '../translate/halves.ts';
import type { Mapping } from '../translate/mapping.ts';

/** Frames a question is about, and those where a text may run on into, or come from, another page. */
export interface FrameQuestion extends Halves {
  readonly interest: FrameSet;
}

/** Two pages that one space maps one behind the other although their frames are no neighbours. */
export interface Seam {
  readonly space: number;
  /** The first of the two pages' virtual address. */
  readonly address: VirtualAddress;
  readonly first: Frame;
  readonly second: Frame;
}

/** The answer to a question: who maps the frames. `Mapping.space` is what `processesOf` and `read` take. */
export interface FrameOwners {
  mappingsOf(frame: Frame): readonly Mapping[];
  readonly seams: readonly Seam[];
  /** Page-table pages that could not be read, by space. */
  readonly unreadableTables: readonly number[];
  /** Processes with pages that are compressed or paged out; absent where they are not counted. */
  readonly notInMemory?: readonly NotInMemory[];
  /** Mappings known but not kept, where one frame is mapped by thousands. */
  readonly dropped: number;
}

/**
 * Who answers "which process maps this physical byte?". The native engine walks the page tables itself; another one
 * may ask another program. Spaces are sets of page tables; usually one process lives in each.
 */
export interface Engine {
  readonly name: string;
  readonly processes: readonly Process[];
  owners(question: FrameQuestion): FrameOwners;
  /** Indices into `processes` of those that live in a space. */
  processesOf(space: number): readonly number[];
  /** Fills `into` from a user address of a space; returns bytes read before the first page that is not there. */
  read(space: number, address: VirtualAddress, into: Uint8Array): number;
  /** Where a user address of a space lies in RAM; null where it is not in RAM. */
  physicalOf(space: number, address: VirtualAddress): PhysicalAddress | null;
  regions(process: Process): readonly Region[];
  /** `offset`: a place in the frame, in bytes. */
  pageState(frame: Frame, offset?: number): PageState;
  /**
   * Whether the kernel's books of frames confirm that a space maps a frame at a user address; absent where the engine
   * cannot tell.
   */
  agreement?(space: number, address: VirtualAddress, frame: Frame): Agreement;
  /** Kernel memory with bytes that a process gave to its sockets; empty where the engine cannot tell. */
  sentRanges(process: Process): readonly SentRange[];
}
