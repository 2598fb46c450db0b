import { writeSync } from 'node:fs';
import { Ip2ProcessError } from '../errors.ts';
import { checksum } from './checksum.ts';
import { CLASS_BITS, rowBytes } from './signature.ts';

/**
 * Pages of one class in the index file:
 *
 * checksum of each row u32 × bits | checksum of the numbers u32 | number of each page u32 | rows
 */
export interface Group {
  /** Index into `CLASS_BITS`. */
  readonly kind: number;
  readonly pages: number;
  /** In the file. */
  readonly offset: number;
  /** Of all that lies before the numbers. */
  readonly sum: number;
}

/** Bytes of a group before its rows. */
export const headBytes = ({ kind, pages }: Pick<Group, 'kind' | 'pages'>): number =>
  ((CLASS_BITS[kind] ?? 0) + 1 + pages) * 4;

export const groupBytes = (group: Pick<Group, 'kind' | 'pages'>): number =>
  headBytes(group) + (CLASS_BITS[group.kind] ?? 0) * rowBytes(group.pages);

/** @param claim reserves so many bytes of the file, for one thread of several, and returns where they lie */
export function writeGroup(
  fd: number,
  claim: (bytes: number) => number,
  kind: number,
  { numbers, rows }: { readonly numbers: Uint32Array; readonly rows: Uint8Array },
): Group {
  const pages = numbers.length;
  const bits = CLASS_BITS[kind] ?? 0;
  const rowWords = rowBytes(pages) / 4;
  const words = new Uint32Array(rows.buffer, rows.byteOffset, rows.length / 4);
  const head = new Uint32Array(headBytes({ kind, pages }) / 4);
  for (let bit = 0; bit < bits; bit += 1) {
    head[bit] = checksum(words, bit * rowWords, rowWords);
  }
  head[bits] = checksum(numbers);
  head.set(numbers, bits + 1);

  const offset = claim(head.byteLength + rows.length);
  writeAll(fd, new Uint8Array(head.buffer), offset);
  writeAll(fd, rows, offset + head.byteLength);
  return { kind, pages, offset, sum: checksum(head, 0, bits + 1) };
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
