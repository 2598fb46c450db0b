import { Ip2ProcessError } from '../errors.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { AnchorHit } from '../scan/anchor.ts';
import { openLinux } from './linux/linux.ts';
import type { OperatingSystem } from './operating-system.ts';

/** Marks of the system that the image's own headers carry; hints, checked like anything else. */
export interface SystemHints {
  readonly vmcoreinfo?: string | null;
}

/** The system in the image, or null with the reason why there is none to be read. */
export function openSystem(
  memory: PhysicalMemory,
  anchors: readonly AnchorHit[],
  hints: SystemHints,
): { system: OperatingSystem | null; warnings: string[] } {
  try {
    const system = openLinux(memory, anchors, hints);
    if (system) return { system, warnings: [] };
    return {
      system: null,
      warnings: [
        'No operating system found: the image holds no Linux kernel that this version can read. Hits have no owners.',
      ],
    };
  } catch (error) {
    if (!(error instanceof Ip2ProcessError) || error.kind !== 'analysis') throw error;
    return { system: null, warnings: [error.message] };
  }
}
