import { statSync } from 'node:fs';
import type { Container } from '../image/container/container.ts';
import { containerOf } from '../image/container/unpack.ts';
import { openImage } from '../image/open-image.ts';
import { PAGE_BYTES, physical } from '../memory/address.ts';
import { openFile } from '../memory/byte-source.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';

export type SystemName = 'windows' | 'linux';

/** What can be said of an image without reading it. */
export interface ImageLook {
  readonly path: string;
  /** As `openImage` names it; null inside a container. */
  readonly format: string | null;
  readonly container: Container['name'] | null;
  /** A byte's offset in the file is its physical address. */
  readonly isPhysical: boolean;
  /** `strings` can see its memory: it is stored as it was. */
  readonly isPlain: boolean;
  /** Null where a look at its first MiB does not tell. */
  readonly system: SystemName | null;
}

/**
 * Looks at headers and the first MiB only.
 *
 * @throws Ip2ProcessError as `openImage`
 */
export async function lookAtImage(path: string): Promise<ImageLook> {
  const container = containerAt(path);
  if (container !== null) {
    return { path, format: null, container, isPhysical: false, isPlain: true, system: null };
  }
  const image = await openImage(path);
  try {
    const { runs } = image.memory;
    return {
      path,
      format: image.format,
      container: null,
      isPhysical: runs.every(({ start, fileOffset }) => start === fileOffset),
      isPlain: runs.every(({ fileOffset }) => fileOffset !== null),
      system: systemOf(image.format, image.memory, image.hints.vmcoreinfo !== null),
    };
  } finally {
    image.close();
  }
}

/** Null also where the file cannot be read: `openImage` then says why. */
function containerAt(path: string): Container['name'] | null {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
  const source = openFile(path);
  try {
    return containerOf(source)?.name ?? null;
  } finally {
    source.close();
  }
}

function systemOf(
  format: string,
  memory: PhysicalMemory,
  hasVmcoreinfo: boolean,
): SystemName | null {
  if (format === 'Windows crash dump' || hasWindowsStub(memory)) return 'windows';
  if (hasVmcoreinfo || format === 'LiME' || format === 'AVML' || format.startsWith('kdump')) {
    return 'linux';
  }
  return null;
}

/**
 * The page from which Windows starts further processors lies where real mode reaches it, in the first MiB.
 *
 * 0x00 jump and constants | 0x70 entry point, a kernel address (HAL, PROCESSOR_START_BLOCK)
 */
function hasWindowsStub(memory: PhysicalMemory): boolean {
  const head = Buffer.alloc(0x78);
  for (let at = PAGE_BYTES; at < 0xa0 * PAGE_BYTES; at += PAGE_BYTES) {
    if (memory.read(physical(at), head) < head.length) continue;
    const start = head.readBigUInt64LE(0) & 0xffff_ffff_ffff_00ffn;
    if (start === 0x0000_0001_0006_00e9n && head.readBigUInt64LE(0x70) >= 0xffff_f800_0000_0000n) {
      return true;
    }
  }
  return false;
}
