import type { Engine } from '../engine/engine.ts';
import type { VirtualAddress } from '../memory/address.ts';
import type { Region } from '../os/region.ts';

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
    return search(regions, address);
  };
}

/** Regions ascend and do not overlap. */
function search(regions: readonly Region[], address: VirtualAddress): Region | null {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const region = regions[middle];
    if (!region) return null;
    if (address < region.start) high = middle;
    else if (address >= region.end) low = middle + 1;
    else return region;
  }
  return null;
}
