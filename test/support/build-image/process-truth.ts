import type { BuiltProcess } from './processes-writer.ts';
import type { SocketTruth } from '../socket-truth.ts';
import type { ProcessTruth, RegionTruth } from './image-truth.ts';
import { argumentsOf, type MachineSpec } from './machine.ts';
import { endOf } from './region-writer.ts';
import { socketTruth } from './socket-writer.ts';
import { parentPid } from './task-writer.ts';

export function processTruth(built: BuiltProcess, bootTime: Date): ProcessTruth {
  const { spec, leader, threads, usedSpace, owner } = built;
  const { options } = spec;
  // Program and command line belong to the address space, so a borrower has its owner's.
  const program = usedSpace && owner;
  return {
    pid: options.pid,
    parentPid: parentPid(options),
    name: spec.name.slice(0, 15),
    uid: options.uid ?? 0,
    exe: program?.options.exe ?? null,
    commandLine: program && argumentsOf(program).join(' '),
    startTime: options.startTime ?? bootTime,
    threads: threads.length,
    isKernelThread: options.kernelThread ?? false,
    isHidden: (options.hidden ?? false) !== false,
    isZombie: options.state === 'zombie',
    object: leader.address,
    pageTable: usedSpace?.root ?? null,
  };
}

/** A process that borrows an address space has the same regions. */
export function regionTruth({ spec, usedSpace, owner }: BuiltProcess): RegionTruth[] {
  const { pid } = spec.options;
  return (usedSpace && owner ? owner.regions : [])
    .map((region) => ({ ...region, pid, end: endOf(region) }))
    .map(({ start, end, kind, path, perms }) => ({ pid, start, end, kind, path, perms }))
    .toSorted((a, b) => Number(a.start - b.start));
}

export const socketsTruth = (spec: MachineSpec): SocketTruth[] => [
  ...spec.processes
    .filter(({ options }) => options.state !== 'gone')
    .flatMap(({ options, sockets }) => sockets.map((socket) => socketTruth(socket, options.pid))),
  ...spec.orphanSockets.map((socket) => socketTruth(socket, null)),
];
