import type { Structures } from '../structures.ts';
import type { WindowsKernel } from './kernel.ts';
import { isKernelAddress } from './process-header.ts';
import { unicodeString } from './unicode-string.ts';

/** What a section is made of. */
export interface SectionOrigin {
  readonly kind: 'image' | 'file' | 'shared-memory' | 'special';
  /** Path of the file on its volume: "\\Windows\\System32\\ntdll.dll". */
  readonly name: string | null;
}

/** CONTROL_AREA.u, MMSECTION_FLAGS. */
const IS_IMAGE = 1 << 5;
const IS_PHYSICAL = 1 << 10;
/** FILE_OBJECT: type 5; name at 0x58, in every x64 version. */
const FILE_TYPE = 5;
const FILE_NAME = 0x58n;
const REFERENCE_BITS = 15n;

/** Who stands behind a subsection: null where the address leads to none. */
export function originOf(
  { structures, layout: { section } }: WindowsKernel,
  subsection: bigint,
): SectionOrigin | null {
  if (!isKernelAddress(subsection)) return null;
  const area = structures.pointer(subsection);
  // A control area begins with its segment, which refers back to it.
  if (!isKernelAddress(area) || structures.pointer(structures.pointer(area)) !== area) return null;

  const flags = structures.u32(area, section.controlFlags);
  const file = structures.pointer(area, section.filePointer) & ~REFERENCE_BITS;
  const name = fileName(structures, file);
  if ((flags & IS_IMAGE) !== 0) return { kind: 'image', name };
  if ((flags & IS_PHYSICAL) !== 0) return { kind: 'special', name };
  return { kind: isKernelAddress(file) ? 'file' : 'shared-memory', name };
}

export function fileName(structures: Structures, file: bigint): string | null {
  if (!isKernelAddress(file) || structures.u16(file) !== FILE_TYPE) return null;
  return unicodeString(structures, file + FILE_NAME);
}
