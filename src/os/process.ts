import type { PhysicalAddress, VirtualAddress } from '../memory/address.ts';

/** A process as the kernel in the image describes it. Null: the image does not tell. */
export interface Process {
  /** Below 0: only its page tables were found. */
  readonly pid: number;
  readonly parentPid: number | null;
  /** The kernel's short name (comm, ImageFileName): the process can choose it, so it proves nothing. */
  readonly name: string;
  /** Full path of its program file. */
  readonly path: string | null;
  readonly commandLine: string | null;
  /** User name or number, as the system has it: "0", "S-1-5-18". */
  readonly user: string | null;
  readonly startTime: Date | null;
  readonly exitTime: Date | null;
  readonly state: 'alive' | 'exited';
  /** Not in the system's own list. */
  readonly isHidden: boolean;
  /** Runs in the kernel only: has no address space of its own, whatever its name says. */
  readonly isKernelThread: boolean;
  readonly threads: number | null;
  /** The kernel's object: EPROCESS, task_struct of the thread group leader. */
  readonly object: VirtualAddress;
  /** Root of its page tables; null where it has none. Processes may share one. */
  readonly pageTable: PhysicalAddress | null;
  readonly sockets: readonly Socket[];
  /** Windows: number of its session, 0 for services; null: not told, or of none. */
  readonly session?: number | null;
  /** Windows: a 32-bit program on the 64-bit system. */
  readonly isWow64?: boolean;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Socket {
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  readonly local: Endpoint;
  /** Null: not connected. */
  readonly remote: Endpoint | null;
  /** TCP state by its RFC 793 name: "ESTABLISHED", "LISTEN"; null for UDP. */
  readonly state: string | null;
}
