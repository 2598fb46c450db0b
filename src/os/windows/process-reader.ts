import { PAGE_BYTES, virtual } from '../../memory/address.ts';
import { AddressSpace } from '../../translate/address-space.ts';
import type { BeyondTables } from '../../translate/beyond-tables.ts';
import { lazily } from '../lazily.ts';
import type { Process, Socket } from '../process.ts';
import { Structures } from '../structures.ts';
import type { WindowsKernel } from './kernel.ts';
import { readParameters } from './process-parameters.ts';
import type { ListedProcess } from './process-list.ts';
import { isKernelAddress } from './process-header.ts';
import { dateOf } from './shared-data.ts';
import { userOf } from './token.ts';
import { unicodeString } from './unicode-string.ts';

/** A process, and what only this system knows of it. */
export interface WindowsProcess {
  readonly process: Process;
  readonly listed: ListedProcess;
  /** Its user half; null where nothing of it is left. */
  readonly space: AddressSpace | null;
}

export interface ProcessSources {
  socketsOf(object: bigint): readonly Socket[];
  /** Pages of sections, which a process' own tables need not hold. */
  beyondTables(listed: ListedProcess): BeyondTables;
}

/** Reads the processes of a list; tables that a living process has belong to no ended one. */
export function readProcesses(
  kernel: WindowsKernel,
  listed: readonly ListedProcess[],
  sources: ProcessSources,
): readonly WindowsProcess[] {
  const living = new Set(
    listed.filter(({ hasEnded }) => !hasEnded).map(({ header }) => header.table),
  );
  return listed.map((one) => {
    const isReused = one.hasEnded && living.has(one.header.table);
    const space = isReused ? null : spaceOf(kernel, one, sources);
    return { process: processOf(kernel, one, space, sources), listed: one, space };
  });
}

/** What lies in other pages than the object is read when it is asked for: of most processes it never is. */
function processOf(
  { structures }: WindowsKernel,
  { header, fields, hasEnded, isHidden }: ListedProcess,
  space: AddressSpace | null,
  sources: ProcessSources,
): Process {
  const pid = Number(fields.pid);
  const parameters = lazily(() =>
    space === null || fields.peb === 0n ? null : readParameters(new Structures(space), fields.peb),
  );
  const path = lazily(() => auditPath(structures, fields.auditName) ?? parameters()?.path ?? null);
  const user = lazily(() => userOf(structures, fields.token));
  return {
    pid,
    parentPid: Number(fields.parentPid),
    name: fields.name,
    get path() {
      return path();
    },
    get commandLine() {
      return parameters()?.commandLine ?? null;
    },
    get user() {
      return user();
    },
    startTime: dateOf(fields.createTime),
    exitTime: dateOf(fields.exitTime),
    state: hasEnded ? 'exited' : 'alive',
    isHidden,
    // Idle and System: all their threads run in the kernel.
    isKernelThread: pid <= 4,
    threads: hasEnded ? 0 : fields.activeThreads,
    object: virtual(header.address),
    pageTable: space?.root ?? null,
    sockets: sources.socketsOf(header.address),
    get session() {
      return parameters()?.session ?? null;
    },
    isWow64: fields.wow64 !== 0n,
  };
}

/**
 * An ended process keeps the number of its table, but that frame may be something else by now: it counts while it still
 * shows the kernel where it is, or where the image lacks it. A living process' table is its own in any case.
 */
function spaceOf(
  kernel: WindowsKernel,
  listed: ListedProcess,
  sources: ProcessSources,
): AddressSpace | null {
  const { memory, space: kernelSpace } = kernel;
  const { header } = listed;
  const { mode, rules } = kernelSpace;
  const space = new AddressSpace(memory, header.table, mode, rules, sources.beyondTables(listed));
  const isReadable = memory.locate(header.table, PAGE_BYTES) >= 0;
  if (!listed.hasEnded || !isReadable) return space;
  const at = space.translate(virtual(header.address))?.physical;
  return at === header.physical ? space : null;
}

/** SE_AUDIT_PROCESS_CREATION_INFO: the kernel's own copy of the program's path, out of the process' reach. */
function auditPath(structures: Structures, at: bigint): string | null {
  return isKernelAddress(at) ? unicodeString(structures, at) : null;
}
