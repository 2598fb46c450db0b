import type { Engine } from '../engine/engine.ts';
import { hex, type PhysicalAddress, type VirtualAddress } from '../memory/address.ts';
import type { Process } from '../os/process.ts';
import type { MappingState } from '../translate/mapping.ts';
import { type NamedPlace, namedPlaces, type Opinion, spaceOf, whyNamed } from './opinion.ts';

/** A hit in a process, which one engine names and the other does not. */
export interface PlaceDifference {
  /** Null: only a virtual address is known. */
  readonly physical: PhysicalAddress | null;
  readonly pid: number;
  readonly name: string;
  readonly address: VirtualAddress;
  readonly namedBy: 'answer' | 'second';
  /** Why the engine that answers names it, or not; and the second one. */
  readonly answer: string;
  readonly second: string;
}

export interface ProcessDifference {
  readonly pid: number;
  readonly name: string;
  readonly namedBy: 'answer' | 'second';
  readonly answer: string;
  readonly second: string;
}

/** How many both name, and how many only one of them. */
export interface Counts {
  readonly both: number;
  readonly onlyAnswer: number;
  readonly onlySecond: number;
}

export interface Comparison {
  /** Pairs of a hit and a process (with the virtual address) that holds it. */
  readonly places: Counts;
  readonly processes: Counts;
  readonly placeDifferences: readonly PlaceDifference[];
  readonly processDifferences: readonly ProcessDifference[];
}

/** Sets two engines' answers beside each other: what both name, and for the rest why the one does and the other does not. */
export function compareOpinions(answer: Opinion, second: Opinion): Comparison {
  const places = [placesOf(answer), placesOf(second)] as const;
  const processes = [byPid(answer.engine), byPid(second.engine)] as const;
  const placeDifferences = [
    ...without(places[0], places[1]).map((place) => ({
      ...place.told,
      namedBy: 'answer' as const,
      answer: whyNamed(place),
      second: whyNot(place, second, processes[1]),
    })),
    ...without(places[1], places[0]).map((place) => ({
      ...place.told,
      namedBy: 'second' as const,
      answer: whyNot(place, answer, processes[0]),
      second: whyNamed(place),
    })),
  ];
  const processDifferences = [
    ...without(processes[0], processes[1]).map((process) => ({
      pid: process.pid,
      name: process.name,
      namedBy: 'answer' as const,
      answer: howKnown(process),
      second: 'does not find it',
    })),
    ...without(processes[1], processes[0]).map((process) => ({
      pid: process.pid,
      name: process.name,
      namedBy: 'second' as const,
      answer: 'does not find it',
      second: howKnown(process),
    })),
  ];
  return {
    places: counts(places[0], places[1]),
    processes: counts(processes[0], processes[1]),
    placeDifferences,
    processDifferences,
  };
}

interface Place extends NamedPlace {
  readonly told: Pick<PlaceDifference, 'physical' | 'pid' | 'name' | 'address'>;
}

/** By hit, process and virtual address. */
const placesOf = (opinion: Opinion): ReadonlyMap<string, Place> =>
  new Map(
    namedPlaces(opinion).map((place) => {
      const { occurrence, physical, owner, process } = place;
      const { pid, name } = process;
      return [
        `${occurrence.indicator} ${physical} ${pid} ${owner.address}`,
        { ...place, told: { physical, pid, name, address: owner.address } },
      ];
    }),
  );

/** The Idle process is no process of the list: whether an engine shows it is a matter of taste. */
const byPid = ({ processes }: Engine): ReadonlyMap<number, Process> =>
  new Map(processes.filter(({ pid }) => pid !== 0).map((process) => [process.pid, process]));

const without = <Value>(
  one: ReadonlyMap<unknown, Value>,
  other: ReadonlyMap<unknown, unknown>,
): Value[] => [...one].filter(([key]) => !other.has(key)).map(([, value]) => value);

const counts = (
  answer: ReadonlyMap<unknown, unknown>,
  second: ReadonlyMap<unknown, unknown>,
): Counts => {
  const both = [...answer.keys()].filter((key) => second.has(key)).length;
  return { both, onlyAnswer: answer.size - both, onlySecond: second.size - both };
};

/** What keeps such pages from an engine that says nothing of its own about them. */
const NOT_FOUND: Readonly<Record<MappingState, string>> = {
  valid: 'finds no page at this address',
  protected: 'finds no page behind an entry that is not present',
  transition: 'finds no page behind an entry in transition',
  prototype: 'follows no prototype entries of sections',
};

function whyNot(
  { told, owner, process }: Place,
  { engine, spaces }: Opinion,
  processes: ReadonlyMap<number, Process>,
): string {
  const known = processes.get(told.pid);
  if (known === undefined) return 'does not find the process';
  const space = spaceOf(engine, spaces, told.pid);
  if (space === null) {
    return known.state === 'exited'
      ? 'counts the process as ended: its pages belong to others by now'
      : 'finds no address space of the process';
  }
  const physical = engine.physicalOf(space, told.address);
  if (physical === null) return NOT_FOUND[owner.state];
  if (physical !== told.physical) return `maps this address to physical ${hex(physical)}`;
  return process.name === known.name
    ? 'maps the page, but reads another text around the hit'
    : `maps the page, but calls the process ${known.name}`;
}

function howKnown({ pid, state, isHidden }: Process): string {
  if (pid < 0) return 'found page tables without a process';
  if (state === 'exited') return 'found the object of a process that has ended';
  return isHidden ? 'found it beside the list of processes' : 'lists it';
}
