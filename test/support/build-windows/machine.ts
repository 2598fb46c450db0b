import type { Build } from './layout.ts';
import type { Protection } from './entry-format.ts';
import type { RamRun } from './ram.ts';

/** What a test may say about the machine; everything has a default. */
export interface WindowsOptions {
  /** 17763 unless told. */
  readonly build?: Build;
  /** Chooses addresses and frames. */
  readonly seed?: number;
  /** A multiple of 2 MiB; 32 MiB unless told. RAM from 0 up, unless `runs` say otherwise. */
  readonly ramBytes?: number;
  readonly runs?: readonly RamRun[];
  /** Two top tables for each user process (Meltdown); as the build does on an Intel machine unless told. */
  readonly kvaShadow?: boolean;
  /** Invalid entries in the layout since August 2018; true unless told. */
  readonly newEntries?: boolean;
  /** Bits that invalid entries have turned on; bit 45 unless told, 0n for a processor without the flaw. */
  readonly invalidPteMask?: bigint;
  /** False: no PROCESSOR_START_BLOCK in the first MiB (UEFI, VBS). */
  readonly lowStub?: boolean;
  /** False: the header page of the kernel image is blank, so no RSDS. */
  readonly kernelHeader?: boolean;
  readonly captureTime?: Date;
  readonly bootTime?: Date;
  /** Pages of the paged pool are taken from the kernel's working set: still in RAM, their entries in transition. */
  readonly trimmedPool?: boolean;
  /** Free frames hold what was in them: copies of process objects, tables and pool. */
  readonly stale?: boolean;
}

export interface WindowsProcessOptions {
  readonly pid: number;
  /** 4 unless told. */
  readonly ppid?: number;
  /** Like "C:\\Windows\\System32\\svchost.exe"; \\Windows\\System32\\NAME unless told. Null: none (Registry). */
  readonly path?: string | null;
  readonly commandLine?: string;
  /** Like "COMPUTERNAME=WORKSTATION7"; none unless told. */
  readonly environment?: readonly string[];
  readonly createTime?: Date;
  readonly exitTime?: Date;
  /** 1 unless told; null: of no session. */
  readonly session?: number | null;
  /** Like "S-1-5-18". */
  readonly sid?: string;
  readonly threads?: number;
  /** Unlinked from the list of processes, as a rootkit does. */
  readonly hidden?: boolean;
  /** Ended and deleted: its object lies in freed pool, its memory was given back. */
  readonly terminated?: boolean;
  /** Ended, but somebody holds a handle: still in the list of processes. */
  readonly lingering?: boolean;
  /** How its own PEB and parameters are held; "valid" unless told. */
  readonly peb?: 'transition' | 'paged-out';
  /** A 32-bit process. */
  readonly wow64?: boolean;
}

export type WindowsRegionKind = 'private' | 'heap' | 'stack' | 'image' | 'mapped' | 'shared';

export interface WindowsRegionOptions {
  readonly kind: WindowsRegionKind;
  /** Of a file, like "\\Windows\\System32\\ntdll.dll"; of shared memory any name that two processes use. */
  readonly path?: string;
  readonly protection?: Protection;
  /**
   * Private memory of which every page is in RAM, made up when the image is written: for images too large to be kept.
   * The truth does not list its pages.
   */
  readonly dense?: boolean;
}

export interface WindowsSocketOptions {
  readonly protocol?: 'tcp' | 'udp';
  /** "10.0.0.7:49876", "[2001:db8::1]:443" */
  readonly local: string;
  readonly remote?: string;
  /** By its RFC 793 name; ESTABLISHED where there is a remote end, else LISTEN. */
  readonly state?: string;
}

/** How a process' entry holds one page; "valid" where nothing is said. */
export type PageKind =
  | 'valid'
  /** Taken from the working set: on the standby or the modified list. */
  | 'transition'
  | 'modified'
  /** Entry points at the section's entry, which is valid. */
  | 'prototype'
  /** Entry says "see the VAD"; the section's entry is valid. */
  | 'vad-prototype'
  /** No entry at all, but the section has the page. */
  | 'untouched'
  /** Entry points at the section's entry, which is in transition. */
  | 'prototype-transition'
  | 'demand-zero'
  /** In the first paging file, which is not in the image. */
  | 'paged-out'
  /** In the store of compressed memory, which is the third paging file; the store itself is not built. */
  | 'compressed';

export interface WindowsRegionSpec {
  readonly start: bigint;
  readonly pages: number;
  readonly kind: WindowsRegionKind;
  readonly path: string | null;
  readonly protection: Protection;
  readonly isDense?: boolean;
}

export interface WindowsWriteSpec {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly form: ContentForm;
  readonly isNearMiss: boolean;
}

export type ContentForm = 'ascii' | 'utf16' | 'bytes';

/** One page of one process. */
export interface WindowsPageName {
  readonly pid: number;
  /** VA / 4096. */
  readonly page: number;
}

export interface WindowsProcessSpec {
  readonly name: string;
  readonly options: WindowsProcessOptions;
  readonly regions: WindowsRegionSpec[];
  readonly writes: WindowsWriteSpec[];
  readonly kinds: Map<number, PageKind>;
  /** First pages of 2 MiB pages. */
  readonly large: Set<number>;
  /** page → frame that the test asked for */
  readonly placed: Map<number, number>;
  /** Pages of its own where the region is of a section (copied on write). */
  readonly copies: Set<number>;
  readonly sockets: WindowsSocketOptions[];
  readonly sends: WindowsSendSpec[];
}

/** A buffer that a process gave to a driver, which has not done with it. */
export interface WindowsSendSpec {
  readonly address: bigint;
  /** Bytes. */
  readonly length: number;
  /** It waits to be filled. */
  readonly isReceive?: boolean;
  /** "\\Driver\\AFD", which is the sockets', unless told. */
  readonly driver?: string;
}

/** Content that no process maps. */
export interface WindowsLooseContent {
  readonly where: 'free' | 'zeroed' | 'standby-file' | 'pool' | 'driver' | 'kernel-image';
  readonly bytes: Uint8Array;
  readonly form: ContentForm;
  /** Pool tag, path of the file or name of the driver. */
  readonly detail: string | null;
}

export interface WindowsSpec {
  readonly options: WindowsOptions;
  readonly processes: WindowsProcessSpec[];
  readonly loose: WindowsLooseContent[];
  readonly adjacent: { readonly first: WindowsPageName; readonly second: WindowsPageName }[];
  /** Pages of `from` whose frames the books say to be those of `to` by now. */
  readonly reused: { readonly from: WindowsPageName; readonly to: WindowsPageName }[];
  readonly orphanSockets: WindowsSocketOptions[];
}

/** Its threads, handles and memory are gone. */
export const isOver = ({ terminated, lingering }: WindowsProcessOptions): boolean =>
  terminated === true || lingering === true;
