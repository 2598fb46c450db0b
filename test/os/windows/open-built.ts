import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import { SYSTEM_ANCHORS, SYSTEM_PROBES } from '../../../src/os/system-marks.ts';
import { LAYOUT_GROUPS } from '../../../src/os/windows/offsets/groups.ts';
import type { WindowsLayout } from '../../../src/os/windows/offsets/layout.ts';
import { openWindows } from '../../../src/os/windows/windows.ts';
import { physical } from '../../../src/memory/address.ts';
import { bytesSource, type ByteSource } from '../../../src/memory/byte-source.ts';
import type { PhysicalMemory } from '../../../src/memory/physical-memory.ts';
import type { AnchorHit } from '../../../src/scan/anchor.ts';
import { scan } from '../../../src/scan/scan.ts';

export interface OpenedWindows {
  readonly system: OperatingSystem;
  readonly memory: PhysicalMemory;
  readonly anchors: readonly AnchorHit[];
}

/** The image of raw bytes, as the program opens it: address = offset. */
export function rawMemory(bytes: Uint8Array): PhysicalMemory {
  return {
    runs: [{ start: physical(0), length: bytes.length, fileOffset: 0 }],
    read(at, into) {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      return part.length;
    },
  };
}

/** Scans for the system's marks and reads the system. */
export async function openScanned(
  memory: PhysicalMemory,
  layouts: readonly WindowsLayout[] = LAYOUT_GROUPS,
  source: ByteSource = bytesSource(new Uint8Array()),
): Promise<OpenedWindows> {
  const options = { anchors: SYSTEM_ANCHORS, probes: SYSTEM_PROBES, threads: 1 };
  const { anchors } = await scan({ source, memory }, [], [], options);
  const system = openWindows(memory, anchors, {}, layouts);
  if (system === null) throw new Error('Cannot open the system: nothing speaks of Windows');
  return { system, memory, anchors };
}
