import { Ip2ProcessError } from '../errors.ts';
import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { claimedRuns, type Claim } from './claimed-runs.ts';
import { holdsText, u64, viewOf } from './fields.ts';
import { FrameBitmap } from './frame-bitmap.ts';
import type { ImageFormat } from './image-format.ts';
import { storedMemory } from './stored-memory.ts';

/**
 * Windows crash dump, 64-bit: a header of 0x2000 bytes, then pages.
 *
 * header: "PAGEDU64" | 0x10 page table u64 | 0x30 machine u32 | 0x88 runs: count u32, pad, pages u64, {first page u64, pages u64}…
 *   | 0xf98 type u32. What is not used is filled with "PAGE".
 * full (1): the runs' pages one after the other. Bitmap (2, 5, 6, 7): at 0x2000 "SDMP" or "FDMP", "DUMP" | 0x20 offset of the
 * first page u64 | 0x28 pages u64 | 0x30 bits u64 | 0x38 bitmap: bit n is frame n, its pages in the order of the bits.
 *
 * Source: Microsoft's wdm.h and dbgeng's public headers (DUMP_HEADER64), as dumpchk prints them; checked on real headers of
 * 18362 and 19045.
 */
const HEADER_BYTES = 0x2000;
const MACHINE_X64 = 0x8664;

/** The header has room for 42 runs of 16 bytes behind their count (700 bytes). */
const MAX_RUNS = 42;

/** 16 TiB of memory: a bitmap of 512 MiB is the largest that is read. */
const MAX_BITS = 2 ** 32;

/** DUMP_TYPE in the header. */
const FULL = 1;
const TRIAGE = 4;
const BITMAP_FULL = 5;

export const crashDump: ImageFormat = {
  name: 'Windows crash dump',
  recognise: (head) => holdsText(head, 0, 'PAGEDU64'),

  open(source) {
    const header = new Uint8Array(HEADER_BYTES);
    const held = source.read(0, header);
    if (held < HEADER_BYTES) {
      throw unusable(`its header ends after ${held} of ${HEADER_BYTES} bytes`, { size: held });
    }
    const view = viewOf(header);
    const machine = view.getUint32(0x30, true);
    const type = view.getUint32(0xf98, true);
    if (type === TRIAGE) {
      throw unusable(
        'it is a triage dump (a kernel minidump), which holds no physical pages; acquire all of memory, or set the machine to write a complete memory dump',
      );
    }
    if (machine !== MACHINE_X64) {
      throw unusable(
        `it is of ${machine === 0xaa64 ? 'an ARM64 machine' : `machine type 0x${machine.toString(16)}`}; only x86-64 can be read`,
      );
    }
    const { claims, warnings } =
      type === FULL ? fullDump(view, source.size) : bitmapDump(source, type);
    const { runs, warnings: dropped } = claimedRuns(claims, source.size);
    const pageTable = u64(view, 0x10);
    return {
      format: crashDump.name,
      memory: storedMemory(runs, source),
      hints: { vmcoreinfo: null, cr3: [physical(pageTable)] },
      warnings: [...warnings, ...dropped],
    };
  },
};

interface Layout {
  readonly claims: readonly Claim[];
  readonly warnings: readonly string[];
}

function fullDump(view: DataView, fileBytes: number): Layout {
  const count = view.getUint32(0x88, true);
  if (count === 0 || count > MAX_RUNS) {
    return {
      claims: [{ start: 0, length: fileBytes - HEADER_BYTES, fileOffset: HEADER_BYTES }],
      warnings: [
        'The crash dump does not say where its pages belong (its list of runs is blank): they were taken as one run from address 0, so addresses above the first hole may be wrong',
      ],
    };
  }
  const claims: Claim[] = [];
  let fileOffset = HEADER_BYTES;
  for (let index = 0; index < count; index += 1) {
    const start = u64(view, 0x98 + index * 16) * PAGE_BYTES;
    const length = u64(view, 0xa0 + index * 16) * PAGE_BYTES;
    claims.push({ start, length, fileOffset });
    fileOffset += length;
  }
  return { claims, warnings: [] };
}

function bitmapDump(source: ByteSource, type: number): Layout {
  const summary = new Uint8Array(0x38);
  const held = source.read(HEADER_BYTES, summary);
  const isSummary =
    held === summary.length &&
    (holdsText(summary, 0, 'FDMPDUMP') || holdsText(summary, 0, 'SDMPDUMP'));
  if (!isSummary) {
    throw unusable(`its type is ${type}, but no bitmap of its pages stands at file offset 0x2000`, {
      offset: HEADER_BYTES,
    });
  }
  const view = viewOf(summary);
  const firstPage = u64(view, 0x20);
  const bits = u64(view, 0x30);
  const start = HEADER_BYTES + summary.length;
  const bytes = Math.ceil(bits / 8);
  if (bits > MAX_BITS || start + bytes > source.size || firstPage < start + bytes) {
    throw unusable(
      `its bitmap of ${bits} pages does not fit between file offset ${start} and its first page at ${firstPage}`,
      { offset: start },
    );
  }
  const bitmap = new Uint8Array(bytes);
  source.read(start, bitmap);
  const frames = new FrameBitmap(bitmap);
  const { runs, bridged } = frames.runs();
  if (bridged > 0) throw unusable('its pages are in more than a million pieces');
  return {
    claims: runs.map(({ start: address, length }) => ({
      start: address,
      length,
      fileOffset: firstPage + frames.rank(address / PAGE_BYTES) * PAGE_BYTES,
    })),
    warnings:
      type === BITMAP_FULL
        ? []
        : [
            'This is a kernel or active memory dump: it leaves out most or all pages of user processes, so what processes hold is mostly not in it; a complete memory dump, or an image of all memory, would tell',
          ],
  };
}

const unusable = (why: string, place: Readonly<Record<string, number>> = {}): Ip2ProcessError =>
  new Ip2ProcessError('image', `Cannot use this Windows crash dump: ${why}`, place);
