import type { Engine } from '../engine/engine.ts';
import type { Process } from '../os/process.ts';
import type { PhysicalAddress, VirtualAddress } from '../memory/address.ts';
import { namedPlaces, type Opinion, spaceOf, whyNamed } from './opinion.ts';
import type { Comparison, PlaceDifference } from './second-opinion.ts';

/** A literal stands a little before its indicator where that begins in it (a URL's host). */
const BEFORE = 64n;

/** Sets an answer beside places that another program names by process and virtual address only. */
export function compareTestimony(
  answer: Opinion,
  testimonies: readonly { readonly pid: number; readonly address: VirtualAddress }[],
  /** Why the other program may not name a place. */
  silence: string,
): Comparison {
  const { engine, spaces } = answer;
  const byPid = new Map<number, { readonly address: VirtualAddress; isUsed: boolean }[]>();
  for (const { pid, address } of testimonies) {
    const list = byPid.get(pid);
    if (list) list.push({ address, isUsed: false });
    else byPid.set(pid, [{ address, isUsed: false }]);
  }
  const places = { both: 0, onlyAnswer: 0, onlySecond: 0 };
  const placeDifferences: PlaceDifference[] = [];
  const named = new Set<number>();
  for (const place of namedPlaces(answer)) {
    const { occurrence, physical, owner, process } = place;
    const { pid, name } = process;
    named.add(pid);
    const end = owner.address + BigInt(occurrence.length);
    const said = (byPid.get(pid) ?? []).filter(
      ({ address }) => address >= owner.address - BEFORE && address < end,
    );
    for (const one of said) one.isUsed = true;
    if (said.length > 0) {
      places.both += 1;
      continue;
    }
    places.onlyAnswer += 1;
    placeDifferences.push({
      physical,
      pid,
      name,
      address: owner.address,
      namedBy: 'answer',
      answer: whyNamed(place),
      second: silence,
    });
  }
  for (const [pid, list] of byPid) {
    const process = engine.processes.find((one) => one.pid === pid);
    for (const { address, isUsed } of list) {
      if (isUsed) continue;
      places.onlySecond += 1;
      const physical = physicalOf(engine, spaces, pid, address);
      placeDifferences.push({
        physical,
        pid,
        name: process?.name ?? '?',
        address,
        namedBy: 'second',
        answer: whyRefused(process, physical),
        second: 'finds these bytes there',
      });
    }
  }
  const both = [...byPid.keys()].filter((pid) => named.has(pid)).length;
  return {
    places,
    // A program that names hits names no process without one.
    processes: { both, onlyAnswer: named.size - both, onlySecond: byPid.size - both },
    placeDifferences,
    processDifferences: [],
  };
}

function physicalOf(
  engine: Engine,
  spaces: number,
  pid: number,
  address: VirtualAddress,
): PhysicalAddress | null {
  const space = spaceOf(engine, spaces, pid);
  return space === null ? null : engine.physicalOf(space, address);
}

function whyRefused(process: Process | undefined, physical: PhysicalAddress | null): string {
  if (process === undefined) return 'does not find the process';
  return physical === null
    ? 'finds no page at this address'
    : 'does not count it: part of something longer (a near miss), or of another hit';
}
