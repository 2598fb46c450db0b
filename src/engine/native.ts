import { virtualPageStart } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { NotInMemory } from '../os/not-in-memory.ts';
import type { OperatingSystem } from '../os/operating-system.ts';
import type { AbsentPages } from '../translate/absent-pages.ts';
import { reverseMap } from '../translate/reverse-map.ts';
import type { Engine } from './engine.ts';

/** Our own reading of the image's page tables. */
export function nativeEngine(memory: PhysicalMemory, system: OperatingSystem): Engine {
  const { spaces } = system;
  const roots = spaces.map((space) => ({
    root: space.root,
    half: 'user' as const,
    pagesBeyond: (isWanted: (frame: number) => boolean) => space.pagesBeyond?.(isWanted) ?? [],
  }));
  return {
    name: 'native',
    processes: system.processes,
    owners(question) {
      const { kernel, absenceOf } = system;
      const options = absenceOf === undefined ? question : { ...question, absenceOf };
      const map = reverseMap(memory, roots, kernel.mode, kernel.rules, options);
      return {
        ...(absenceOf === undefined ? {} : { notInMemory: notInMemory(system, map.absent) }),
        mappingsOf: (frame) => map.mappingsOf(frame),
        seams: map.seams.map((seam) => ({ ...seam, address: virtualPageStart(seam.page) })),
        unreadableTables: map.unreadableTables,
        dropped: map.dropped,
      };
    },
    processesOf: (space) => spaces[space]?.processes ?? [],
    read: (space, address, into) => spaces[space]?.space.read(address, into) ?? 0,
    physicalOf: (space, address) => spaces[space]?.space.translate(address)?.physical ?? null,
    regions: (process) => system.regions(process),
    sentRanges: (process) => system.sentRanges?.(process) ?? [],
    agreement: (space, address, frame) => system.agreement?.(space, address, frame) ?? 'unchecked',
    pageState: (frame, offset) => system.pageState(frame, offset),
  };
}

/** The pages of a space are told of the first of those that run in it. */
function notInMemory(
  { processes, spaces }: OperatingSystem,
  absent: readonly AbsentPages[],
): NotInMemory[] {
  return absent.flatMap(({ compressed, pagedOut }, space) => {
    const process = processes[spaces[space]?.processes[0] ?? -1];
    if (process === undefined || compressed + pagedOut === 0) return [];
    return { process, compressedPages: compressed, pagedOutPages: pagedOut };
  });
}
