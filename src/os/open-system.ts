import { Ip2ProcessError } from '../errors.ts';
import type { PhysicalAddress } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { AnchorHit } from '../scan/anchor.ts';
import { BTF_ANCHOR, IDLE_TASK_ANCHOR } from './linux/anchors.ts';
import { openLinux } from './linux/linux.ts';
import type { OperatingSystem } from './operating-system.ts';
import { PROCESS_PROBE } from './windows/anchors.ts';
import { openWindows } from './windows/windows.ts';

/** Marks of the system that the image's own headers carry; hints, checked like anything else. */
export interface SystemHints {
  readonly vmcoreinfo?: string | null;
  /** Roots of page tables: of a crash dump's header, of each processor's CR3. */
  readonly tables?: readonly PhysicalAddress[];
}

/** Fewer objects than this may be the leftovers of a guest, or chance. */
const FEWEST_PROCESSES = 3;

/** The system in the image, or null with the reason why there is none to be read; `isRecognised`: there are signs of one. */
export function openSystem(
  memory: PhysicalMemory,
  anchors: readonly AnchorHit[],
  hints: SystemHints,
): { system: OperatingSystem | null; isRecognised: boolean; warnings: string[] } {
  const warnings: string[] = [];
  // The other one is asked too: a machine can hold another's memory as its guest.
  for (const open of likeliestFirst(anchors)) {
    try {
      const system = open(memory, anchors, hints);
      if (system !== null) return { system, isRecognised: true, warnings: [] };
    } catch (error) {
      if (!(error instanceof Ip2ProcessError) || error.kind !== 'analysis') throw error;
      warnings.push(error.message);
    }
  }
  const isRecognised = warnings.length > 0;
  if (!isRecognised) {
    warnings.push(
      'No operating system found: the image holds no Linux or Windows kernel that this version can read. Hits have no owners.',
    );
  }
  return { system: null, isRecognised, warnings };
}

type Open = (
  memory: PhysicalMemory,
  anchors: readonly AnchorHit[],
  hints: SystemHints,
) => OperatingSystem | null;

function likeliestFirst(anchors: readonly AnchorHit[]): readonly Open[] {
  const count = (...names: readonly string[]): number =>
    anchors.filter(({ name }) => names.includes(name)).length;
  const processes = count(PROCESS_PROBE);
  const isWindows =
    processes >= FEWEST_PROCESSES && processes > count(BTF_ANCHOR, IDLE_TASK_ANCHOR);
  return isWindows ? [openWindows, openLinux] : [openLinux, openWindows];
}
