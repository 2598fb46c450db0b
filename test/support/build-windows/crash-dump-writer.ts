import { PAGE_BYTES } from '../../../src/memory/address.ts';
import { joined } from '../image-writers.ts';
import type { AssembledWindows } from './assemble.ts';
import { fileTime } from './shared-user-data.ts';

/** DUMP_TYPE in the header. */
export const DUMP_TYPE = { full: 1, kernel: 2, triage: 4, bitmapFull: 5, bitmapKernel: 6 } as const;

export interface CrashDumpOptions {
  /** `bitmapKernel` leaves out what user processes map, `bitmapFull` nothing. */
  readonly type: 'full' | 'bitmapFull' | 'bitmapKernel';
  /** False: the header's list of runs is blank ("PAGE"), as some tools leave it. */
  readonly hasRuns?: boolean;
  /** Added to the page table's address, as a processor with PCID has it. */
  readonly pcid?: number;
  /** Page table of this process instead of System's. */
  readonly dtb?: number;
}

/** A 64-bit Windows crash dump of the machine. Source: kernel-facts 4.5. */
export function crashDump(machine: AssembledWindows, options: CrashDumpOptions): Uint8Array {
  const header = headerOf(machine, options);
  const { ram } = machine;
  if (options.type === 'full') {
    return joined([header, ...ram.stretches().map(({ bytes }) => bytes)]);
  }
  const isLeftOut = options.type === 'bitmapKernel' ? userFrames(machine) : new Set<number>();
  const bitmap = new Uint8Array(Math.ceil(ram.limit / 64) * 8);
  const pages: Uint8Array[] = [];
  for (const { start, bytes } of ram.stretches()) {
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const frame = (start + at) / PAGE_BYTES;
      if (isLeftOut.has(frame)) continue;
      bitmap[frame >> 3] = (bitmap[frame >> 3] ?? 0) | (1 << (frame & 7));
      pages.push(bytes.subarray(at, at + PAGE_BYTES));
    }
  }
  const firstPage = Math.ceil((HEADER_BYTES + 0x38 + bitmap.length) / PAGE_BYTES) * PAGE_BYTES;
  const summary = Buffer.alloc(firstPage - HEADER_BYTES);
  summary.write(options.type === 'bitmapFull' ? 'FDMPDUMP' : 'SDMPDUMP');
  summary.writeBigUInt64LE(BigInt(firstPage), 0x20);
  summary.writeBigUInt64LE(BigInt(pages.length), 0x28);
  summary.writeBigUInt64LE(BigInt(bitmap.length * 8), 0x30);
  summary.set(bitmap, 0x38);
  return joined([header, summary, ...pages]);
}

/** Frames that some process maps in user mode: those of the truth, the machine's shared page excepted. */
function userFrames({ truth }: AssembledWindows): Set<number> {
  const pages = truth.pages.filter(({ va }) => va !== 0x7ffe_0000n);
  return new Set(pages.map(({ frame }) => frame));
}

function headerOf(machine: AssembledWindows, options: CrashDumpOptions): Uint8Array {
  const { truth, ram, dtb } = machine;
  const header = Buffer.alloc(HEADER_BYTES);
  for (let at = 0; at < HEADER_BYTES; at += 4) header.write('PAGE', at);
  header.write('PAGEDU64');
  header.writeUInt32LE(0xf, 0x08);
  header.writeUInt32LE(truth.build, 0x0c);
  const { hasRuns = true, pcid = 0 } = options;
  for (const [offset, value] of [
    [0x10, BigInt((options.dtb ?? dtb) + pcid)],
    [0x18, truth.kernel.frameDatabase],
    [0x20, truth.kernel.modules],
    [0x28, truth.kernel.processHead],
    [0x80, truth.kernel.debuggerBlock],
    [0xfa0, BigInt(ram.limit * PAGE_BYTES)],
    [0xfa8, fileTime(truth.captureTime)],
    [0x1030, 72_000_000_000n],
  ] as const) {
    header.writeBigUInt64LE(value, offset);
  }
  header.writeUInt32LE(0x8664, 0x30);
  header.writeUInt32LE(2, 0x34);
  // A bug check that no kernel raises: a tool made the dump.
  header.write('TTAM', 0x38);
  header.writeUInt32LE(DUMP_TYPE[options.type], 0xf98);
  header.fill(0, 0xfb0, 0xfb0 + 128);
  if (!hasRuns) return header;
  header.writeUInt32LE(ram.runs.length, 0x88);
  header.writeUInt32LE(0, 0x8c);
  const pages = ram.runs.reduce((sum, [, bytes]) => sum + bytes / PAGE_BYTES, 0);
  header.writeBigUInt64LE(BigInt(pages), 0x90);
  for (const [index, [start, bytes]] of ram.runs.entries()) {
    header.writeBigUInt64LE(BigInt(start / PAGE_BYTES), 0x98 + index * 16);
    header.writeBigUInt64LE(BigInt(bytes / PAGE_BYTES), 0xa0 + index * 16);
  }
  return header;
}

const HEADER_BYTES = 0x2000;
