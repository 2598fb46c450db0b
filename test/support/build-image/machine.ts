import type { Hole } from './ram.ts';
import type { KernelStyle } from './kernel-style.ts';

/** What a test may say about the machine; everything has a default. */
export interface MachineOptions {
  readonly kernel?: KernelStyle;
  readonly levels?: 4 | 5;
  /** Chooses offsets, addresses and frames. */
  readonly seed?: number;
  /** A multiple of 2 MiB; 12 MiB unless told. */
  readonly ramBytes?: number;
  /** Bytes of the address range that are not RAM, in whole frames. */
  readonly holes?: readonly Hole[];
  /** Kernel and its maps at random addresses; true unless told. */
  readonly kaslr?: boolean;
  /** Two top tables for each process, one of them for user mode (Meltdown). */
  readonly pti?: boolean;
  readonly hostName?: string;
  readonly bootTime?: Date;
  readonly captureTime?: Date;
  /** False leaves it out: what an old or a trimmed kernel would look like. */
  readonly vmcoreinfo?: boolean;
  readonly btf?: boolean;
  readonly kallsyms?: boolean;
}

export interface ProcessOptions {
  readonly pid: number;
  /** 1 unless told; 2 for a kernel thread. */
  readonly ppid?: number;
  readonly uid?: number;
  readonly exe?: string;
  readonly argv?: readonly string[];
  readonly startTime?: Date;
  /** All of them, the leader included. */
  readonly threads?: number;
  readonly kernelThread?: boolean;
  /** Runs in the address space of this process (CLONE_VM, vfork). */
  readonly sharesMemoryWith?: number;
  /**
   * Taken out of the ring of tasks, as a rootkit does; still its parent's child, and in the table of process numbers.
   * `everywhere`: out of these too; only its page tables still lead to it.
   */
  readonly hidden?: boolean | 'everywhere';
  /**
   * `zombie`: ended, its parent has not asked yet: a task without memory. `gone`: ended for good, all of it freed but not
   * yet overwritten, tables and task too.
   */
  readonly state?: 'running' | 'sleeping' | 'zombie' | 'gone';
}

export interface RegionOptions {
  readonly kind: 'heap' | 'stack' | 'anon' | 'file' | 'shm' | 'vdso';
  /** Of a file or of shared memory. */
  readonly path?: string;
  /** Like "rw-p". */
  readonly perms?: string;
  /** First page of the file that is mapped. */
  readonly pageOffset?: number;
}

export interface SocketOptions {
  readonly protocol?: 'tcp' | 'udp';
  /** "203.0.113.7:443", "[2001:db8::1]:443" */
  readonly local: string;
  readonly remote?: string;
  /** By its RFC 793 name; ESTABLISHED where there is a remote end, else LISTEN. */
  readonly state?: string;
  readonly family?: 4 | 6;
  /** What waits to be sent: in the buffer itself. */
  readonly queued?: string | Uint8Array;
  /** What was sent and is not acknowledged: in a page behind the buffer. */
  readonly queuedInPages?: string | Uint8Array;
}

export interface RegionSpec {
  readonly start: bigint;
  readonly pages: number;
  readonly kind: RegionOptions['kind'];
  readonly path: string | null;
  readonly perms: string;
  readonly pageOffset: number;
}

/** One page of one process. */
export interface PageName {
  readonly pid: number;
  /** Virtual address / 4096. */
  readonly page: number;
}

export interface WriteSpec {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** A private copy of the file's page, as after a write to a private mapping. */
  readonly isPrivateCopy: boolean;
}

export interface ProcessSpec {
  readonly name: string;
  readonly options: ProcessOptions;
  readonly regions: RegionSpec[];
  readonly writes: WriteSpec[];
  /** Mapped without any content. */
  readonly touched: Set<number>;
  readonly protNone: Set<number>;
  /** First pages of 2 MiB mappings. */
  readonly huge: Set<number>;
  readonly swapped: Set<number>;
  readonly shares: { readonly own: number; readonly other: PageName }[];
  /** page → frame that the test asked for */
  readonly placed: Map<number, number>;
  readonly sockets: SocketOptions[];
  /** What it sent last: lies in its page fragment, as TCP leaves it. */
  readonly sent: Uint8Array[];
}

/** Content that no process maps. */
export interface LooseContent {
  readonly where: 'page-cache' | 'free' | 'buddy' | 'slab' | 'kernel-image';
  readonly bytes: Uint8Array;
  readonly path: string | null;
}

export interface MachineSpec {
  readonly options: MachineOptions;
  readonly processes: ProcessSpec[];
  readonly loose: LooseContent[];
  readonly adjacent: { readonly first: PageName; readonly second: PageName }[];
  /** Pages of `from` whose frames the books say to be those of `to` by now. */
  readonly reused: { readonly from: PageName; readonly to: PageName }[];
  /** Connections whose process has closed them: only the kernel's table knows them. */
  readonly orphanSockets: SocketOptions[];
}

/** "ascii ...", "utf16 ..." or plain text as bytes; bytes as they are. UTF-16 is little-endian. */
export function contentBytes(content: string | Uint8Array): Uint8Array {
  if (typeof content !== 'string') return content;
  if (content.startsWith('utf16 ')) return new Uint8Array(Buffer.from(content.slice(6), 'utf16le'));
  return new TextEncoder().encode(content.replace(/^ascii /, ''));
}

/** Its command line, as it stands on its stack. */
export const argumentsOf = ({ options, name }: ProcessSpec): readonly string[] =>
  options.argv ?? [options.exe ?? name];
