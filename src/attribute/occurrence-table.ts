import type { Occurrence } from './occurrence.ts';

export interface OccurrenceTable {
  add(occurrence: Occurrence): void;
  /** By address of the first part, then indicator. */
  sorted(): Occurrence[];
}

/** Keeps each occurrence once: the same text seen through several spaces, or by several patterns, is one. */
export function occurrenceTable(): OccurrenceTable {
  const byPlace = new Map<string, Occurrence>();
  return {
    add(occurrence) {
      const key = [occurrence.indicator, ...occurrence.parts.map((part) => part.address)].join(' ');
      const known = byPlace.get(key);
      byPlace.set(key, known ? merge(known, occurrence) : occurrence);
    },
    sorted: () => [...byPlace.values()].toSorted(byAddress),
  };
}

function merge(known: Occurrence, other: Occurrence): Occurrence {
  const isKnown = (owner: { process: number; address: bigint }) =>
    known.owners.some(
      ({ process, address }) => process === owner.process && address === owner.address,
    );
  return {
    ...known,
    owners: [...known.owners, ...other.owners.filter((owner) => !isKnown(owner))],
    flags: [...new Set([...known.flags, ...other.flags])],
  };
}

function byAddress(one: Occurrence, other: Occurrence): number {
  const [first, second] = [one.parts[0]?.address ?? 0, other.parts[0]?.address ?? 0];
  return first - second || one.indicator - other.indicator;
}
