import type { Engine } from '../engine/engine.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { SentRange } from '../os/sent-range.ts';
import type { Occurrence } from './occurrence.ts';

/** What a process gave to its sockets, as far as the kernel still has it. */
export interface Sent {
  /** Indices of the occurrences among the bytes that it sent last, and among those that it sent earlier. */
  readonly last: readonly number[];
  readonly earlier: readonly number[];
  /** Hosts that plain requests among these bytes are for: at most 16, lower case. */
  readonly askedFor: readonly string[];
}

/** Of a process, all its ranges together: a task's fragment is 32 KiB at most. */
const MOST_BYTES = 2 ** 20;
const MOST_HOSTS = 16;

/**
 * What each process sent, by its index; those that sent nothing known are left out. The bytes are the kernel's, so page
 * tables give them to nobody.
 */
export function sentBy(
  engine: Engine,
  memory: PhysicalMemory,
  occurrences: readonly Occurrence[],
): ReadonlyMap<number, Sent> {
  const sent = new Map<number, Sent>();
  for (const [index, process] of engine.processes.entries()) {
    const ranges = engine.sentRanges(process);
    if (ranges.length === 0) continue;
    sent.set(index, {
      last: within(
        ranges.filter((range) => !isEarlier(range)),
        occurrences,
      ),
      earlier: within(ranges.filter(isEarlier), occurrences),
      askedFor: hostsIn(memory, ranges),
    });
  }
  return sent;
}

const isEarlier = ({ source }: SentRange): boolean => source === 'earlier fragment';

function within(ranges: readonly SentRange[], occurrences: readonly Occurrence[]): number[] {
  const found = new Set<number>();
  for (const { start, length } of ranges) {
    for (let at = firstFrom(occurrences, start); at < occurrences.length; at += 1) {
      if ((occurrences[at]?.parts[0]?.address ?? Infinity) >= start + length) break;
      found.add(at);
    }
  }
  return [...found];
}

/** Index of the first occurrence at or above an address; occurrences ascend. */
function firstFrom(occurrences: readonly Occurrence[], address: number): number {
  let low = 0;
  let high = occurrences.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((occurrences[middle]?.parts[0]?.address ?? Infinity) < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** RFC 9112: the tunnel's authority, the absolute form's host, the Host field. Methods are in capitals (RFC 9110, 9.1). */
const REQUEST =
  /(?:(?<![\w-])(?:CONNECT |[A-Z]{3,7} (?:[Hh][Tt]{2}[Pp][Ss]?|[Ff][Tt][Pp]|[Ww][Ss]{1,2}):\/\/|[Hh][Oo][Ss][Tt]: ?))(?:[^\s/@]{0,256}@)?([\w.-]{1,253}|\[[\da-fA-F:.]{2,45}\])/g;

function hostsIn(memory: PhysicalMemory, ranges: readonly SentRange[]): string[] {
  const hosts = new Set<string>();
  let left = MOST_BYTES;
  for (const { start, length } of ranges) {
    const bytes = new Uint8Array(Math.min(length, left));
    left -= bytes.length;
    const held = memory.read(start, bytes);
    const text = Buffer.from(bytes.buffer, 0, held).toString('latin1');
    for (const [, host] of text.matchAll(REQUEST)) {
      if (host !== undefined && hosts.size < MOST_HOSTS) {
        hosts.add(host.toLowerCase().replace(/^\[|\]$/g, ''));
      }
    }
  }
  return [...hosts];
}
