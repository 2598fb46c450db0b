import type { Engine } from '../engine/engine.ts';
import type { VirtualAddress } from '../memory/address.ts';
import { type Region, regionAt } from '../os/region.ts';

/** Finds the region of a process that holds an address; each process' regions are read once, and only if asked. */
export function regionFinder(
  engine: Engine,
): (process: number, address: VirtualAddress) => Region | null {
  const known = new Map<number, readonly Region[]>();
  return (process, address) => {
    let regions = known.get(process);
    if (!regions) {
      const of = engine.processes[process];
      regions = of ? engine.regions(of) : [];
      known.set(process, regions);
    }
    return regionAt(regions, address);
  };
}
