import { physical, type PhysicalAddress } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { u64, viewOf } from './fields.ts';
import { PHYSICAL_LIMIT, type ImageHints } from './image-format.ts';

/**
 * ELF notes: {name size u32, text size u32, type u32, name, text}, name and text padded to 4 bytes.
 *
 * Source: System V ABI, "Note Section"; QEMU, target/i386/arch_dump.c (struct QEMUCPUState).
 */
const HEADER_BYTES = 12;
/** One PRSTATUS and one QEMU note per CPU: 8192 CPUs have fewer. */
const MAX_NOTES = 32_768;
/** The kernel keeps it in one page (Linux, include/linux/vmcore_info.h, VMCOREINFO_BYTES); some systems in a few. */
const MAX_VMCOREINFO = 65_536;
/** QEMUCPUState: version, size, 16 registers, rip, rflags, 10 segments of 24 bytes, then cr0 to cr4. */
const QEMU_CR3 = 8 + 16 * 8 + 16 + 10 * 24 + 3 * 8;

/** Where notes stand. */
export interface NoteSegment {
  readonly fileOffset: number;
  /** Bytes. */
  readonly stored: number;
}

export function readNotes(
  source: ByteSource,
  segments: readonly NoteSegment[],
): { hints: ImageHints; warnings: string[] } {
  const cr3: PhysicalAddress[] = [];
  let vmcoreinfo: string | null = null;
  let notes = 0;

  for (const { fileOffset, stored } of segments) {
    const end = Math.min(fileOffset + stored, source.size);
    let offset = fileOffset;
    for (; offset + HEADER_BYTES <= end && notes < MAX_NOTES; notes += 1) {
      const header = viewOf(readBytes(source, offset, HEADER_BYTES));
      const nameBytes = header.getUint32(0, true);
      const textBytes = header.getUint32(4, true);
      const textOffset = offset + HEADER_BYTES + padded(nameBytes);
      if (textOffset + textBytes > end || nameBytes > 32) break;

      const name = latin(readBytes(source, offset + HEADER_BYTES, nameBytes)).replace(/\0.*$/, '');
      if (name === 'VMCOREINFO' && vmcoreinfo === null && textBytes <= MAX_VMCOREINFO) {
        vmcoreinfo = vmcoreinfoText(readBytes(source, textOffset, textBytes));
      }
      if (name === 'QEMU' && textBytes >= QEMU_CR3 + 8) {
        const root = u64(viewOf(readBytes(source, textOffset + QEMU_CR3, 8)), 0);
        if (root < PHYSICAL_LIMIT && root > 0) cr3.push(physical(root));
      }
      offset = textOffset + padded(textBytes);
    }
  }
  const isCut = notes >= MAX_NOTES;
  return {
    hints: { vmcoreinfo, cr3: [...new Set(cr3)] },
    warnings: isCut ? [`Only the first ${MAX_NOTES} notes of the image were read`] : [],
  };
}

/** The note as text, without the zeros behind it; null where it is none. */
export function vmcoreinfoText(bytes: Uint8Array): string | null {
  const text = latin(bytes).replace(/\0[^]*$/, '');
  return text.includes('=') ? text : null;
}

const padded = (bytes: number): number => Math.ceil(bytes / 4) * 4;
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

function readBytes(source: ByteSource, offset: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  source.read(offset, bytes);
  return bytes;
}
