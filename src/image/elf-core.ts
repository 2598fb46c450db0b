import { Ip2ProcessError } from '../errors.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { claimedRuns, type Claim } from './claimed-runs.ts';
import { readNotes } from './elf-notes.ts';
import { holdsText, u64, viewOf } from './fields.ts';
import type { ImageFormat } from './image-format.ts';
import { storedMemory } from './stored-memory.ts';

/**
 * ELF64 core file of a machine: QEMU dump-guest-memory, /proc/vmcore, VirtualBox dumpvmcore, winpmem and a copied /proc/kcore.
 * A PT_LOAD segment's physical address says where its bytes belong.
 *
 * Source: System V ABI, chapters 4 "ELF Header" and 5 "Program Header"; Linux, include/uapi/linux/elf.h.
 */
const PT_LOAD = 1;
const PT_NOTE = 4;
const EHDR_BYTES = 64;
const PHDR_BYTES = 56;
/** e_phnum that says: the real count stands in section header 0 (sh_info). */
const PN_XNUM = 0xffff;
const MAX_SEGMENTS = 2 ** 20;
const NO_ADDRESS = 2 ** 63;

interface Segment {
  readonly type: number;
  readonly fileOffset: number;
  readonly virtual: number;
  readonly start: number;
  readonly stored: number;
  readonly size: number;
}

export const elfCore: ImageFormat = {
  name: 'ELF core',
  recognise: (head) => holdsText(head, 0, '\x7fELF'),

  open(source) {
    const header = readHeader(source);
    const segments = readSegments(source, header);
    const loads = segments.filter(({ type }) => type === PT_LOAD);
    // A segment without a physical address: /proc/kcore's virtual areas.
    const placed = loads.filter(({ start, size }) => size > 0 && start < NO_ADDRESS);
    if (placed.length === 0) {
      throw refusal('it holds no memory segment; convert it to LiME, raw or QEMU ELF first');
    }
    if (loads.length > 1 && placed.every(({ start }) => start === 0)) {
      throw refusal('it is the core file of one process, not of a machine');
    }

    const { claims, warnings } = claimsOf(placed);
    const { runs, warnings: dropped } = claimedRuns(claims, source.size);
    const notes = readNotes(
      source,
      segments.filter(({ type }) => type === PT_NOTE),
    );
    return {
      format: elfCore.name,
      memory: storedMemory(runs, source),
      hints: notes.hints,
      warnings: [...warnings, ...dropped, ...notes.warnings],
    };
  },
};

function claimsOf(segments: readonly Segment[]): { claims: Claim[]; warnings: string[] } {
  const unstored = segments.filter(({ stored, size }) => stored < size);
  const claims = segments.map(({ start, stored, size, fileOffset }) => ({
    start,
    length: Math.min(stored, size),
    fileOffset,
  }));
  if (unstored.length === 0) return { claims, warnings: [] };
  const bytes = unstored.reduce((sum, { stored, size }) => sum + (size - stored), 0);
  return {
    claims,
    warnings: [
      `${unstored.length} segments of the ELF core are stored in part (makedumpfile -E leaves out pages so, VirtualBox video memory): ${bytes} bytes are unknown`,
    ],
  };
}

function readSegments(source: ByteSource, header: DataView): Segment[] {
  const tableOffset = u64(header, 0x20);
  const entryBytes = header.getUint16(0x36, true);
  const count = segmentCount(source, header);
  if (entryBytes !== PHDR_BYTES) {
    throw refusal(`a program header has ${entryBytes} bytes, expected ${PHDR_BYTES}`);
  }
  if (count > MAX_SEGMENTS || tableOffset + count * PHDR_BYTES > source.size) {
    throw refusal(
      `its ${count} program headers at file offset ${tableOffset} do not lie in the file of ${source.size} bytes`,
    );
  }

  const table = new Uint8Array(count * PHDR_BYTES);
  source.read(tableOffset, table);
  return Array.from({ length: count }, (_, index) => {
    const entry = new DataView(table.buffer, index * PHDR_BYTES, PHDR_BYTES);
    return {
      type: entry.getUint32(0, true),
      fileOffset: u64(entry, 0x08),
      virtual: u64(entry, 0x10),
      start: u64(entry, 0x18),
      stored: u64(entry, 0x20),
      size: u64(entry, 0x28),
    };
  });
}

function segmentCount(source: ByteSource, header: DataView): number {
  const count = header.getUint16(0x38, true);
  if (count !== PN_XNUM) return count;
  const section = new Uint8Array(64);
  const offset = u64(header, 0x28);
  if (offset >= source.size || source.read(offset, section) < section.length) {
    throw refusal('the section header that counts its program headers is not in the file');
  }
  return viewOf(section).getUint32(0x2c, true);
}

/** Source: System V ABI, "e_machine"; Linux, include/uapi/linux/elf-em.h. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'x86 (32-bit)',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC 64',
  22: 's390',
  40: 'ARM (32-bit)',
  183: 'aarch64 (64-bit ARM)',
  243: 'RISC-V',
  258: 'LoongArch',
};
const X86_64 = 62;
const CORE = 4;
const TYPES: Readonly<Record<number, string>> = {
  1: 'an object file',
  2: 'a program',
  3: 'a program or shared library',
};

function readHeader(source: ByteSource): DataView {
  const bytes = new Uint8Array(EHDR_BYTES);
  if (source.read(0, bytes) < EHDR_BYTES) {
    throw refusal(`its header ends at byte ${source.size}, expected ${EHDR_BYTES}`);
  }
  const header = viewOf(bytes);
  if (header.getUint8(5) !== 1) throw refusal('it is big-endian; only x86-64 images are supported');
  const type = header.getUint16(0x10, true);
  if (type !== CORE) {
    throw refusal(`it is ${TYPES[type] ?? `of type ${type}`}, not the memory of a machine`);
  }
  const machine = header.getUint16(0x12, true);
  if (machine !== X86_64) {
    const name = MACHINES[machine] ?? `number ${machine}`;
    throw refusal(`its machine is ${name}; only x86-64 images are supported`);
  }
  if (header.getUint8(4) !== 2) throw refusal('it is a 32-bit ELF file; only ELF64 is supported');
  return header;
}

const refusal = (reason: string): Ip2ProcessError =>
  new Ip2ProcessError('image', `Cannot use this ELF file as a memory image: ${reason}`);
