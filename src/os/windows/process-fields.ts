import type { Structures } from '../structures.ts';
import type { ProcessLayout } from './offsets/layout.ts';

/** EPROCESS as one layout reads it: nothing is checked yet. */
export interface ProcessFields {
  readonly pid: bigint;
  readonly parentPid: bigint;
  /** Up to 14 characters of the program's file name; bytes as characters. */
  readonly name: string;
  readonly createTime: bigint;
  readonly exitTime: bigint;
  /** Of the neighbours in the list of processes: their own links, not their starts. */
  readonly next: bigint;
  readonly previous: bigint;
  readonly peb: bigint;
  readonly auditName: bigint;
  readonly vadRoot: bigint;
  readonly token: bigint;
  readonly objectTable: bigint;
  readonly wow64: bigint;
  readonly activeThreads: number;
}

/** ImageFileName has 15 bytes; the sixteenth is the priority class. */
const NAME_BYTES = 15;
const WORD_BYTES = 8;

export function readFields(
  structures: Structures,
  layout: ProcessLayout,
  address: bigint,
): ProcessFields {
  // All at once where the image holds them all: an EPROCESS is asked for each of them.
  const length = Math.max(...Object.values<number>({ ...layout })) + 2 * WORD_BYTES;
  const bytes = structures.bytes(address, length);
  const isWhole = bytes.length === length;
  const word = (offset: number): bigint =>
    isWhole ? bytes.readBigUInt64LE(offset) : structures.pointer(address, offset);
  return {
    pid: word(layout.pid),
    parentPid: word(layout.parentPid),
    name: nameAt(structures, address + BigInt(layout.name)),
    createTime: word(layout.createTime),
    exitTime: word(layout.exitTime),
    next: word(layout.links),
    previous: word(layout.links + 8),
    peb: word(layout.peb),
    auditName: word(layout.auditName),
    vadRoot: word(layout.vadRoot),
    token: word(layout.token),
    objectTable: word(layout.objectTable),
    wow64: word(layout.wow64),
    activeThreads: structures.u32(address, layout.activeThreads),
  };
}

/** The text at a possible ImageFileName, whatever it is. */
export function nameAt(structures: Structures, at: bigint): string {
  const bytes = structures.bytes(at, NAME_BYTES);
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** Whether it can be a process' name: files may have any character but these, and one more than a single one, mostly. */
export const isProcessName = (name: string): boolean =>
  // oxlint-disable-next-line no-control-regex -- control characters are what no file name has
  /^[^\0-\x1f\x7f"*/:<>?\\|]{2,15}$/.test(name);

/** Numbers of processes and threads share one table: multiples of four. */
export const isProcessNumber = (pid: bigint): boolean => pid % 4n === 0n && pid < 0x1000_0000n;
