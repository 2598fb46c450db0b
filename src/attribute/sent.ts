import type { Engine } from '../engine/engine.ts';
import type { Occurrence } from './occurrence.ts';

/**
 * Which occurrences stand in bytes that a process sent: indices into the occurrences by index of the process. Those
 * bytes are the kernel's, so page tables give them to nobody.
 */
export function sentBy(
  engine: Engine,
  occurrences: readonly Occurrence[],
): ReadonlyMap<number, readonly number[]> {
  const sent = new Map<number, number[]>();
  for (const [process, of] of engine.processes.entries()) {
    for (const { start, length } of engine.sentRanges(of)) {
      for (let at = firstFrom(occurrences, start); at < occurrences.length; at += 1) {
        const address = occurrences[at]?.parts[0]?.address ?? Infinity;
        if (address >= start + length) break;
        const list = sent.get(process) ?? [];
        if (!list.includes(at)) list.push(at);
        sent.set(process, list);
      }
    }
  }
  return sent;
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
