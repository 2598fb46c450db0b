import { Ip2ProcessError } from '../errors.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { lastStart } from './last-start.ts';
import { viewOf } from './fields.ts';

/**
 * Flattened makedumpfile stream: header of 4096 bytes {signature 16 bytes, type i64 = 1, version i64 = 1}, then records
 * {offset i64, size i64, bytes}; offset -1 ends. All big-endian. A later record overwrites what an earlier one wrote.
 *
 * Source: makedumpfile, makedumpfile.h (makedumpfile_header, makedumpfile_data_header).
 */
const HEADER_BYTES = 4096;
const RECORD_BYTES = 16;
/** Writers use records of 4 KiB to 4 MiB (QEMU 16 KiB): enough for 128 GiB in QEMU's. 24 bytes of index each. */
const MAX_RECORDS = 2 ** 23;
/** In the whole stream. Overlaps are header blocks that were written twice; more is not a dump, and painting is quadratic. */
const MAX_OVERLAPPING = 8192;
/** A file of any real dump is smaller: 4 PiB. */
const MAX_OFFSET = 2 ** 52;

/** Pieces of the rearranged file in ascending order, not overlapping. */
interface Pieces {
  readonly starts: Float64Array;
  readonly lengths: Float64Array;
  /** Where each lies in the stream. */
  readonly origins: Float64Array;
}

/** The file that the stream would be written to, as a view. Where no record wrote it holds zeros, like a sparse file. */
export function rearranged(stream: ByteSource): { file: ByteSource; warnings: string[] } {
  const { records, warnings } = readRecords(stream);
  const { starts, lengths, origins } = piecesOf(records);
  const last = starts.length - 1;
  const size = last < 0 ? 0 : (starts[last] ?? 0) + (lengths[last] ?? 0);

  const read = (offset: number, into: Uint8Array): number => {
    const wanted = Math.max(0, Math.min(into.length, size - offset));
    let filled = 0;
    let index = Math.max(0, lastStart(starts, offset));
    while (filled < wanted) {
      const at = offset + filled;
      const skip = at - (starts[index] ?? size);
      const held = (lengths[index] ?? 0) - skip;
      if (skip >= 0 && held > 0) {
        const part = into.subarray(filled, filled + Math.min(held, wanted - filled));
        const count = stream.read((origins[index] ?? 0) + skip, part);
        filled += count;
        if (count < part.length) return filled;
      } else {
        const next = skip < 0 ? index : index + 1;
        const gap = (starts[next] ?? size) - at;
        into.fill(0, filled, filled + Math.min(gap, wanted - filled));
        filled += Math.min(gap, wanted - filled);
      }
      if (skip >= 0) index += 1;
    }
    return filled;
  };
  return { file: { size, fd: null, read, close: () => undefined }, warnings };
}

type Record3 = readonly [start: number, length: number, origin: number];

/** Records in the order of the stream, flat: start, length, origin. */
function readRecords(stream: ByteSource): { records: Float64Array; warnings: string[] } {
  const header = new Uint8Array(RECORD_BYTES);
  const view = viewOf(header);
  const fields: number[] = [];
  const warnings: string[] = [];
  let offset = HEADER_BYTES;

  for (let count = 0; ; count += 1) {
    if (stream.read(offset, header) < RECORD_BYTES) {
      warnings.push(
        `The makedumpfile stream has no end mark: it is truncated at file offset ${offset}`,
      );
      break;
    }
    const start = Number(view.getBigInt64(0));
    const length = Number(view.getBigInt64(8));
    if (start === -1) break;
    if (start < 0 || length < 0 || start + length > MAX_OFFSET) {
      throw refusal(`a record claims ${length} bytes at ${start}`, offset);
    }
    if (count >= MAX_RECORDS) throw refusal(`it has more than ${MAX_RECORDS} records`, offset);

    const origin = offset + RECORD_BYTES;
    const held = Math.min(length, stream.size - origin);
    if (held > 0) fields.push(start, held, origin);
    offset = origin + length;
    if (offset > stream.size) {
      warnings.push(
        `The makedumpfile stream is truncated: its last record claims ${length - held} bytes more than the file has`,
      );
      break;
    }
  }
  return { records: Float64Array.from(fields), warnings };
}

function piecesOf(records: Float64Array): Pieces {
  const count = records.length / 3;
  const start = (index: number): number => records[index * 3] ?? 0;
  const length = (index: number): number => records[index * 3 + 1] ?? 0;
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  order.sort((a, b) => start(a) - start(b) || a - b);

  const pieces: number[] = [];
  let overlapping = 0;
  for (let first = 0; first < count;) {
    // A group: records that touch each other by overlapping. Nearly always one.
    let end = start(order[first] ?? 0) + length(order[first] ?? 0);
    let next = first + 1;
    for (; next < count && start(order[next] ?? 0) < end; next += 1) {
      end = Math.max(end, start(order[next] ?? 0) + length(order[next] ?? 0));
    }
    if (next - first > 1) overlapping += next - first;
    if (overlapping > MAX_OVERLAPPING) {
      throw refusal(`more than ${MAX_OVERLAPPING} records overlap`, records[2] ?? 0);
    }
    const group = order.subarray(first, next).toSorted((a, b) => a - b);
    const written = Array.from(group, (index): Record3 => {
      return [start(index), length(index), records[index * 3 + 2] ?? 0];
    });
    for (const piece of written.length === 1 ? written : painted(written)) pieces.push(...piece);
    first = next;
  }

  const column = (field: number): Float64Array =>
    Float64Array.from({ length: pieces.length / 3 }, (_, index) => pieces[index * 3 + field] ?? 0);
  return { starts: column(0), lengths: column(1), origins: column(2) };
}

/** Overlapping records, each painted over those before it. */
function painted(records: readonly Record3[]): Record3[] {
  let pieces: Record3[] = [];
  for (const [start, length, origin] of records) {
    const end = start + length;
    const kept = pieces.flatMap((piece): Record3[] => {
      const [from, bytes, source] = piece;
      if (from + bytes <= start || from >= end) return [piece];
      const before: Record3 = [from, start - from, source];
      const after: Record3 = [end, from + bytes - end, source + end - from];
      return [before, after].filter(([, rest]) => rest > 0);
    });
    pieces = [...kept, [start, length, origin]];
  }
  return pieces.toSorted((a, b) => a[0] - b[0]);
}

const refusal = (reason: string, offset: number): Ip2ProcessError =>
  new Ip2ProcessError(
    'image',
    `Cannot use this makedumpfile stream: ${reason}, at file offset ${offset}`,
    { offset },
  );
