/** A small valid machine, and where in its RAM the things lie that a reader of it believes. */
export interface Machine {
  /** What kind of machine, for people: "6.1, 5 levels, isolated". */
  readonly name: string;
  /** RAM with its holes as zeros: offset = physical address. */
  readonly bytes: Uint8Array;
  readonly runs: readonly Range[];
  /** By kind; each kind is hit equally often, however many places it has. */
  readonly places: readonly PlaceKind[];
  /** A stretch of RAM that nothing uses, in whole pages. */
  readonly free: Range;
  /** Address by which the kernel knows a byte of RAM: what pointers hold. */
  kernelAddress(physical: number): bigint;
  /** Physical addresses of page tables, a root first. */
  readonly tables: readonly number[];
  /** What an ELF core or a kdump file says beside the memory. */
  readonly vmcoreinfo: string;
  /** As a processor's CR3. */
  readonly root: number;
  /** Formats that only tools for this system write, of the valid machine. */
  readonly files?: {
    crashDump(type: 'full' | 'bitmapFull'): Uint8Array;
    vmware(): { readonly vmem: Uint8Array; readonly vmss: Uint8Array };
    vmwareSnapshot(): Uint8Array;
  };
}

export interface Range {
  readonly start: number;
  /** Bytes. */
  readonly length: number;
}

/** Places that hold the same kind of value: `task_struct.mm`, entries of page tables, BTF … */
export interface PlaceKind {
  readonly name: string;
  /** Physical addresses. */
  readonly at: readonly number[];
  /** Bytes of the value; `entry` is a page-table entry of 8. */
  readonly width: 1 | 2 | 4 | 8 | 'entry';
  /** Of 100 choices among all kinds, relative to the others'; 1 unless told. */
  readonly weight?: number;
}

/** The stretches of a machine as image writers take them. */
export const stretchesOf = ({ bytes, runs }: Pick<Machine, 'bytes' | 'runs'>) =>
  runs.map(({ start, length }) => ({ start, bytes: bytes.subarray(start, start + length) }));
