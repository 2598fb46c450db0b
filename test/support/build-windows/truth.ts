import type { SocketTruth } from '../socket-truth.ts';
import type { ContentForm, WindowsRegionKind } from './machine.ts';
import type { RamRun } from './ram.ts';

/** What is true about a built machine, in plain data. */
export interface WindowsTruth {
  readonly build: number;
  readonly processes: readonly WindowsProcessTruth[];
  /** Physical addresses of the static Idle object. */
  readonly idle: { readonly object: bigint; readonly physical: number };
  readonly hits: readonly WindowsHitTruth[];
  /** Planted content that no process maps. */
  readonly orphans: readonly WindowsOrphanTruth[];
  readonly pages: readonly WindowsPageTruth[];
  readonly regions: readonly WindowsRegionTruth[];
  readonly sockets: readonly SocketTruth[];
  readonly captureTime: Date;
  readonly kernel: {
    readonly image: bigint;
    readonly selfIndex: number;
    readonly frameDatabase: bigint;
    readonly processHead: bigint;
    readonly modules: bigint;
    readonly debuggerBlock: bigint;
  };
}

export interface WindowsProcessTruth {
  readonly pid: number;
  readonly parentPid: number;
  /** ImageFileName: 14 characters at most. */
  readonly name: string;
  /** As the kernel has it: "\\Device\\HarddiskVolume2\\Windows\\…"; null where it has none. */
  readonly path: string | null;
  readonly commandLine: string | null;
  readonly createTime: Date;
  readonly exitTime: Date | null;
  readonly session: number | null;
  readonly sid: string;
  readonly threads: number;
  readonly isWow64: boolean;
  readonly isHidden: boolean;
  readonly isTerminated: boolean;
  /** In the kernel's list of processes. */
  readonly isListed: boolean;
  /** EPROCESS. */
  readonly object: bigint;
  /** Where it lies. */
  readonly physical: number;
  /** Physical address of its top table. */
  readonly pageTable: number;
}

export type WindowsPageState = 'valid' | 'transition' | 'prototype';

/** One view of planted content. */
export interface WindowsHitTruth {
  readonly pid: number;
  readonly va: bigint;
  readonly physical: number;
  readonly bytes: Uint8Array;
  readonly form: ContentForm;
  /** Of the page that it begins in. */
  readonly state: WindowsPageState;
  readonly straddles: boolean;
  /** Looks like the indicator of the test and is none: not to be reported. */
  readonly isNearMiss: boolean;
  readonly region: WindowsRegionKind;
}

export interface WindowsOrphanTruth {
  readonly where:
    | 'free'
    | 'zeroed'
    | 'standby-file'
    | 'pool'
    | 'driver'
    | 'kernel-image'
    /** In a page that a process which has ended gave back. */
    | 'former';
  readonly physical: number;
  readonly bytes: Uint8Array;
  readonly form: ContentForm;
  /** Pool tag, path, driver. */
  readonly detail: string | null;
  /** For "former": who had it and where. */
  readonly pid: number | null;
  readonly va: bigint | null;
}

export interface WindowsPageTruth {
  readonly pid: number;
  readonly va: bigint;
  readonly frame: number;
  readonly pageBytes: number;
  readonly state: WindowsPageState;
  readonly isWritable: boolean;
  readonly isExecutable: boolean;
}

export interface WindowsRegionTruth {
  readonly pid: number;
  readonly start: bigint;
  /** Exclusive. */
  readonly end: bigint;
  readonly kind: WindowsRegionKind;
  readonly path: string | null;
  readonly protection: string;
}

export interface BuiltWindows {
  /** The raw image: address = offset. */
  readonly bytes: Uint8Array;
  readonly runs: readonly RamRun[];
  readonly truth: WindowsTruth;
  /** Physical address of System's top table. */
  readonly dtb: number;
}
