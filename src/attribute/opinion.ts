import type { Located } from './locate.ts';
import type { Occurrence, Owner } from './occurrence.ts';
import type { Engine } from '../engine/engine.ts';
import type { PhysicalAddress } from '../memory/address.ts';
import type { Process } from '../os/process.ts';
import type { MappingState } from '../translate/mapping.ts';

/** What one engine said about the hits of an image. */
export interface Opinion {
  readonly engine: Engine;
  readonly located: Located;
  /** How many spaces it has. */
  readonly spaces: number;
}

/** A hit in a process that an engine names. */
export interface NamedPlace {
  readonly occurrence: Occurrence;
  /** Where its first part stands. */
  readonly physical: PhysicalAddress;
  readonly owner: Owner;
  readonly process: Process;
}

export const namedPlaces = ({ engine, located }: Opinion): NamedPlace[] =>
  located.occurrences.flatMap((occurrence) => {
    const [first] = occurrence.parts;
    if (!first) return [];
    return occurrence.owners.flatMap((owner) => {
      const process = engine.processes[owner.process];
      return process ? [{ occurrence, physical: first.address, owner, process }] : [];
    });
  });

/** What speaks for an owner, by the engine that names it. */
export function whyNamed({ owner, process }: Pick<NamedPlace, 'owner' | 'process'>): string {
  const { region } = owner;
  const where = region === null ? '' : `, in memory of kind ${region.kind}`;
  return `${MAPPED_BY[owner.state]}${where}${process.isHidden ? '; the process is hidden' : ''}`;
}

const MAPPED_BY: Readonly<Record<MappingState, string>> = {
  valid: 'the page table maps the page',
  protected: 'the page is in RAM, but protected from any access (PROT_NONE)',
  transition: 'the page is in transition: taken from the working set, still in RAM',
  prototype: 'the page is shared: a prototype entry of its section leads to it',
};

/** The first space that a process lives in; null where it has none. */
export function spaceOf(engine: Engine, spaces: number, pid: number): number | null {
  for (let space = 0; space < spaces; space += 1) {
    if (engine.processesOf(space).some((index) => engine.processes[index]?.pid === pid)) {
      return space;
    }
  }
  return null;
}
