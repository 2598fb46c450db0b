import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import type { AnchorHit } from '../../scan/anchor.ts';
import type { OperatingSystem, ProcessSpace } from '../operating-system.ts';
import { openKernel, type WindowsHints } from './kernel.ts';
import { LAYOUT_GROUPS } from './offsets/groups.ts';
import type { WindowsLayout } from './offsets/layout.ts';
import { listProcesses } from './process-list.ts';
import { readProcesses, type WindowsProcess } from './process-reader.ts';
import { releaseOf, timeZoneOf } from './release.ts';

/**
 * The Windows system of the image (x64, 7 to 11), read without symbols: structures are proposed by a table of known
 * kernels, or derived, and proven in the image. Null where nothing speaks of Windows. Throws `Ip2ProcessError` of kind
 * 'analysis' where it is Windows, but no process can be listed. Whatever else is missing becomes a warning.
 */
export function openWindows(
  memory: PhysicalMemory,
  anchors: readonly AnchorHit[],
  hints: WindowsHints,
  layouts: readonly WindowsLayout[] = LAYOUT_GROUPS,
): OperatingSystem | null {
  const kernel = openKernel(memory, anchors, hints, layouts);
  if (kernel === null) return null;

  const known = readProcesses(kernel, listProcesses(kernel), {
    socketsOf: () => [],
    beyondTables: () => ({ frameOf: () => -1, permissionsOf: () => 0 }),
  });
  const release = releaseOf(kernel, known);
  return {
    kind: 'windows',
    release: release.name,
    hostName: release.computerName,
    timeZone: timeZoneOf(kernel),
    bootTime: kernel.shared?.bootTime ?? null,
    captureTime: kernel.shared?.now ?? null,
    processes: known.map(({ process }) => process),
    spaces: spacesOf(known),
    kernel: kernel.space,
    regions: () => [],
    pageState: () => ({ kind: 'unknown', detail: null }),
    warnings: kernel.warnings,
  };
}

function spacesOf(known: readonly WindowsProcess[]): readonly ProcessSpace[] {
  const spaces = new Map<number, ProcessSpace & { readonly processes: number[] }>();
  known.forEach(({ space }, index) => {
    if (space === null) return;
    const shared = spaces.get(space.root) ?? { root: space.root, processes: [], space };
    shared.processes.push(index);
    spaces.set(space.root, shared);
  });
  return [...spaces.values()];
}
