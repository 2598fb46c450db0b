import { writeSync } from 'node:fs';
import { Ip2ProcessError } from '../errors.ts';
import { checksum, checksumOf } from './checksum.ts';
import { CLASS_BITS, rowBytes } from './signature.ts';

/** Of each signed page's edges so many bytes are kept at either end: they tell where a text may run on. */
export const EDGE_BYTES = 8;

/**
 * Pages of one class in the index file:
 *
 * checksum of each row u32 × bits | number of each page u32 | edges 16 bytes a page: first 8, last 8 | rows
 */
export interface Group {
  /** Index into `CLASS_BITS`. */
  readonly kind: number;
  readonly pages: number;
  /** In the file. */
  readonly offset: number;
  /** Of all that lies before the rows. */
  readonly sum: number;
}

/** Bytes of a group before its rows. */
export const headBytes = ({ kind, pages }: Pick<Group, 'kind' | 'pages'>): number =>
  (CLASS_BITS[kind] ?? 0) * 4 + pages * (4 + 2 * EDGE_BYTES);

export const groupBytes = (group: Pick<Group, 'kind' | 'pages'>): number =>
  headBytes(group) + (CLASS_BITS[group.kind] ?? 0) * rowBytes(group.pages);

/** @param claim reserves so many bytes of the file, for one thread of several, and returns where they lie */
export function writeGroup(
  fd: number,
  claim: (bytes: number) => number,
  kind: number,
  content: { readonly numbers: Uint32Array; readonly edges: Uint8Array; readonly rows: Uint8Array },
): Group {
  const { numbers, edges, rows } = content;
  const pages = numbers.length;
  const bits = CLASS_BITS[kind] ?? 0;
  const rowWords = rowBytes(pages) / 4;
  const words = new Uint32Array(rows.buffer, rows.byteOffset, rows.length / 4);
  const head = Buffer.alloc(headBytes({ kind, pages }));
  for (let bit = 0; bit < bits; bit += 1) {
    head.writeUInt32LE(checksum(words, bit * rowWords, rowWords), bit * 4);
  }
  for (const [index, number] of numbers.entries()) {
    head.writeUInt32LE(number, bits * 4 + index * 4);
  }
  head.set(edges.subarray(0, pages * 2 * EDGE_BYTES), bits * 4 + pages * 4);

  const offset = claim(head.length + rows.length);
  writeAll(fd, head, offset);
  writeAll(fd, rows, offset + head.length);
  return { kind, pages, offset, sum: checksumOf(head) };
}

/** @throws Ip2ProcessError `system`, as when the disk is full */
export function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  try {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Ip2ProcessError('system', `Cannot write the index: ${reason}`, {}, { cause });
  }
}
