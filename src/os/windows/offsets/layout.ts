/**
 * Where the fields of Windows x64 kernel structures lie: bytes from the structure's start, decimal in the generated table.
 * Null: the field does not exist in that kernel, or no source lists it.
 */
export interface WindowsLayout {
  /** The group of kernels it was listed for, or how it was found: "x64-17763a", "derived". */
  readonly id: string;
  /** First and last build number, inclusive, of each stretch it was listed for. */
  readonly builds: readonly (readonly [first: number, last: number])[];
  /** What was not seen in symbols of that kernel; null: all of it was. */
  readonly doubt: string | null;
  readonly process: ProcessLayout;
  readonly vad: VadLayout;
  readonly section: SectionLayout;
  readonly pfn: PfnLayout;
  readonly thread: ThreadLayout;
}

/** EPROCESS. Its first field is KPROCESS, whose table of pages is at 0x28 in every kernel. */
export interface ProcessLayout {
  readonly pid: number;
  readonly links: number;
  readonly createTime: number;
  readonly exitTime: number;
  readonly parentPid: number;
  readonly name: number;
  readonly peb: number;
  readonly auditName: number;
  readonly vadRoot: number;
  readonly token: number;
  readonly objectTable: number;
  readonly wow64: number;
  readonly activeThreads: number;
}

/** MMVAD_SHORT, which begins every MMVAD, and MMVAD. */
export interface VadLayout {
  /** True: EPROCESS holds the whole first node (MM_AVL_TABLE), not a pointer to it (RTL_AVL_TREE, since 9600). */
  readonly isRootInside: boolean;
  readonly left: number;
  readonly right: number;
  readonly start: number;
  readonly end: number;
  /** Bytes of each of the two page numbers. */
  readonly numberBytes: 4 | 8;
  /** A further byte of each, above those. */
  readonly startHigh: number | null;
  readonly endHigh: number | null;
  readonly flags: number;
  /** First bits in `flags`: three bits of type, five of protection, one that says private. */
  readonly typeBit: number;
  readonly protectionBit: number;
  readonly privateBit: number;
  readonly subsection: number;
  readonly firstPrototype: number;
  readonly lastPrototype: number;
}

/** SUBSECTION and CONTROL_AREA, and the file behind them. */
export interface SectionLayout {
  readonly base: number;
  readonly next: number;
  readonly pteCount: number;
  readonly filePointer: number;
  readonly controlFlags: number;
}

/** MMPFN, 0x30 bytes each. */
export interface PfnLayout {
  readonly pteAddress: number;
  readonly originalPte: number;
  /** u3: reference count, then the byte whose lowest three bits are the list. */
  readonly state: number;
  /** u4: frame of the page table that holds the entry, and flags. */
  readonly frame: number;
  readonly frameBits: number;
  /** Bit of u4 that says the entry is a prototype. */
  readonly prototypeBit: number;
}

/** KTHREAD. */
export interface ThreadLayout {
  readonly listEntry: number | null;
  readonly teb: number | null;
}
