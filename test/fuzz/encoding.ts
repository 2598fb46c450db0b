import { memoryOf } from '../../src/image/memory-of.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import {
  avmlImage,
  elfImage,
  elfNote,
  flattenedImage,
  joined,
  kdumpImage,
  type KdumpFields,
  limeImage,
  rawImage,
  recordsOf,
  u32s,
  u64s,
} from '../support/image-writers.ts';
import { type Machine, type Range, stretchesOf } from './machine.ts';

/** A machine's RAM in a file, and how a changed RAM comes into the same file. */
export interface Encoded {
  readonly file: Uint8Array;
  /** Where the file speaks of itself; a place in each is hit equally often. */
  readonly headers: readonly Range[];
  /** Memory beside a file that only describes it: this one is opened, and stays as it is. */
  readonly memoryBeside?: Uint8Array;
  /** The file of RAM that differs in these pages, by frame: cheaper than writing all of it anew. Valid until the next call. */
  withPages(pages: ReadonlyMap<number, Uint8Array>): Uint8Array;
}

export type Encoding = (machine: Machine) => Encoded;

const PAGE = 4096;

export const raw: Encoding = (machine) => direct(rawImage(stretchesOf(machine)));
export const lime: Encoding = (machine) => direct(limeImage(stretchesOf(machine)));

/** As QEMU writes it, with a CR3 and VMCOREINFO in its notes. */
export const elf: Encoding = (machine) => {
  const state = new Uint8Array(440);
  state.set(u32s(1, 440));
  state.set(u64s(machine.root), 416);
  const notes = joined([
    elfNote('CORE', new Uint8Array(336), 1),
    elfNote('QEMU', state),
    ...(machine.vmcoreinfo === '' ? [] : [elfNote('VMCOREINFO', Buffer.from(machine.vmcoreinfo))]),
  ]);
  return direct(elfImage(stretchesOf(machine), { notes }));
};

type OwnFiles = NonNullable<Machine['files']>;

/** Written by tools for Windows: the file as they make it. */
export const own =
  (make: (files: OwnFiles) => Uint8Array): Encoding =>
  (machine) =>
    direct(make(filesOf(machine)));

/** The state file of a .vmem. */
export const vmwareState: Encoding = (machine) => {
  const { vmem, vmss } = filesOf(machine).vmware();
  return {
    file: vmss,
    headers: [
      { start: 0, length: Math.min(172, vmss.length) },
      { start: 0, length: vmss.length },
    ],
    memoryBeside: vmem,
    withPages: () => vmss,
  };
};

function filesOf({ name, files }: Machine): OwnFiles {
  if (files === undefined) throw new Error(`Cannot write ${name} in this format: it is no Windows`);
  return files;
}

/** A format that holds RAM as it is: what is not RAM is header. */
function direct(file: Uint8Array): Encoded {
  const { runs } = memoryOf(bytesSource(file)).memory;
  const stored = runs.map(({ start, length, fileOffset }) => ({
    start,
    length,
    fileOffset: fileOffset ?? 0,
  }));
  const byOffset = stored.toSorted((one, other) => one.fileOffset - other.fileOffset);
  const headers: Range[] = [];
  let end = 0;
  for (const { fileOffset, length } of byOffset) {
    if (fileOffset > end) headers.push({ start: end, length: fileOffset - end });
    end = fileOffset + length;
  }
  // One copy for all mutants: a new one for each is the dearest part of most.
  const changed = file.slice();
  let differing: number[] = [];
  return {
    file,
    headers: headers.length > 0 ? headers : [{ start: 0, length: PAGE }],
    withPages(pages) {
      for (const offset of differing) {
        changed.set(file.subarray(offset, offset + PAGE), offset);
      }
      differing = [];
      for (const [frame, page] of pages) {
        const at = frame * PAGE;
        const run = stored.find(({ start, length }) => at >= start && at < start + length);
        if (!run) continue;
        const offset = run.fileOffset + at - run.start;
        changed.set(page, offset);
        differing.push(offset);
      }
      return changed;
    },
  };
}

const AVML_BLOCK = 65_536;

/** Blocks of 64 KiB, so that a changed frame costs the packing of one. */
export const avml: Encoding = ({ bytes: ram, runs }) => {
  const starts = runs.flatMap(({ start, length }) =>
    Array.from({ length: Math.ceil(length / AVML_BLOCK) }, (_, index) => ({
      start: start + index * AVML_BLOCK,
      end: Math.min(start + length, start + (index + 1) * AVML_BLOCK),
    })),
  );
  const blocks = starts.map(({ start, end }) =>
    avmlImage([{ start, bytes: ram.subarray(start, end) }]),
  );
  let at = 0;
  const headers = blocks.flatMap(({ length }) => {
    const start = at;
    at += length;
    // Range header, stream identifier, header of the first chunk and its first codes; then the length at the end.
    return [
      { start, length: 72 },
      { start: start + length - 8, length: 8 },
    ];
  });
  return {
    file: joined(blocks),
    headers,
    withPages: (pages) =>
      joined(
        starts.map((one, index) => {
          const changed = [...pages].filter(([frame]) => isIn(frame, one));
          if (changed.length === 0) return blocks[index] ?? new Uint8Array();
          const bytes = ram.slice(one.start, one.end);
          for (const [frame, page] of changed) bytes.set(page, frame * PAGE - one.start);
          return avmlImage([{ start: one.start, bytes }]);
        }),
      ),
  };
};

const isIn = (frame: number, { start, end }: { start: number; end: number }): boolean =>
  frame * PAGE >= start && frame * PAGE < end;

/** Of QEMU and makedumpfile. A changed frame is stored once more, unpacked, behind all others. */
export const kdump =
  (compression: NonNullable<KdumpFields['compression']>): Encoding =>
  (machine) => {
    const { vmcoreinfo } = machine;
    const file = kdumpImage(stretchesOf(machine), { compression, vmcoreinfo });
    const frames = machine.runs.flatMap(({ start, length }) =>
      Array.from({ length: length / PAGE }, (_, index) => start / PAGE + index),
    );
    const bitmapBlocks = new DataView(file.buffer).getUint32(436, true);
    const descriptors = (3 + bitmapBlocks) * PAGE;
    const order = new Map(frames.map((frame, index) => [frame, index]));
    const data = descriptors + frames.length * 24;
    return {
      file,
      headers: [
        { start: 0, length: 464 },
        { start: 424, length: 40 },
        { start: PAGE, length: 112 },
        { start: 2 * PAGE, length: Math.min(vmcoreinfo.length, PAGE) + 1 },
        { start: 3 * PAGE, length: Math.ceil(frames.length / 8) },
        { start: descriptors, length: frames.length * 24 },
        { start: data, length: file.length - data },
      ],
      withPages(pages) {
        const known = [...pages].filter(([frame]) => order.has(frame));
        const whole = new Uint8Array(file.length + known.length * PAGE);
        whole.set(file);
        known.forEach(([frame, page], index) => {
          const offset = file.length + index * PAGE;
          const at = descriptors + (order.get(frame) ?? 0) * 24;
          whole.set(page, offset);
          whole.set(joined([u64s(offset), u32s(PAGE, 0), u64s(0)]), at);
        });
        return whole;
      },
    };
  };

const RECORD = 65_536;
const wrap = (file: Uint8Array): Uint8Array => flattenedImage(recordsOf(file, RECORD));

/** What makedumpfile writes into a pipe. */
export const flattened =
  (inner: Encoding): Encoding =>
  (machine) => {
    const encoded = inner(machine);
    const file = wrap(encoded.file);
    const records: Range[] = [];
    const view = new DataView(file.buffer);
    for (let at = PAGE; at + 16 <= file.length - 16;) {
      records.push({ start: at, length: 16 });
      at += 16 + Number(view.getBigInt64(at + 8, false));
    }
    return {
      file,
      headers: [
        { start: 0, length: 32 },
        { start: file.length - 16, length: 16 },
        ...records.slice(0, 8),
        ...records,
      ],
      withPages: (pages) => wrap(encoded.withPages(pages)),
    };
  };

/** An image inside a packed file. Only the packing is mutated: the image inside has its own targets. */
export const packed =
  (inner: Encoding, pack: (file: Uint8Array) => Uint8Array): Encoding =>
  (machine) => {
    // No Buffer: its slice() would be no copy.
    const file = new Uint8Array(pack(inner(machine).file));
    return {
      file,
      headers: [
        { start: 0, length: Math.min(64, file.length) },
        { start: Math.max(0, file.length - 128), length: Math.min(128, file.length) },
        { start: 0, length: file.length },
      ],
      withPages: () => file,
    };
  };
