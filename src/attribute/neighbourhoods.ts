import type { Engine } from '../engine/engine.ts';
import { PAGE_BYTES, virtual, virtualPageOf, virtualPageStart } from '../memory/address.ts';
import type { VirtualAddress } from '../memory/address.ts';
import type { RegionKind } from '../os/region.ts';
import type { Attribution } from './attribution.ts';
import type { Occurrence } from './occurrence.ts';

/** A stretch of a space; `end` is exclusive. */
export interface Stretch {
  readonly space: number;
  readonly start: VirtualAddress;
  readonly end: VirtualAddress;
}

/** Bytes on either side of a hit that belong to it, beyond what its own page holds. */
const REACH = 1024n;
/** Hits of a process whose surroundings are read: they overlap mostly. */
const MOST_HITS = 256;
const OWN: ReadonlySet<RegionKind> = new Set<RegionKind>(['heap', 'stack', 'anonymous']);

/** What stands around a process' hits in memory that it wrote itself: their pages and 1 KiB about, each byte once. */
export function neighbourhoods(
  { process, holdings }: Pick<Attribution, 'process' | 'holdings'>,
  occurrences: readonly Occurrence[],
): Stretch[] {
  const around = holdings.occurrences.slice(0, MOST_HITS).flatMap((index) => {
    const occurrence = occurrences[index];
    const owner = occurrence?.owners.find((one) => one.process === process);
    const region = owner?.region;
    if (!occurrence || !owner || !region || !OWN.has(region.kind)) return [];
    const page = virtualPageStart(virtualPageOf(owner.address));
    const end = owner.address + BigInt(occurrence.length);
    return {
      space: owner.space,
      start: latest(region.start, earliest(page, owner.address - REACH)),
      end: earliest(region.end, latest(page + BigInt(PAGE_BYTES), end + REACH)),
    };
  });
  const merged: Stretch[] = [];
  for (const next of around.toSorted(byStart)) {
    const last = merged.at(-1);
    if (last && last.space === next.space && next.start <= last.end) {
      merged[merged.length - 1] = { ...last, end: latest(last.end, next.end) };
    } else {
      merged.push(next);
    }
  }
  return merged;
}

/** The bytes of a stretch; pages that are not there are left zero. */
export function readWhole(engine: Engine, { space, start, end }: Stretch): Uint8Array {
  const bytes = new Uint8Array(Number(end - start));
  for (let done = 0; done < bytes.length;) {
    const at = virtual(start + BigInt(done));
    const held = engine.read(space, at, bytes.subarray(done));
    const inPage = Number((at + BigInt(held)) % BigInt(PAGE_BYTES));
    done += held + (PAGE_BYTES - inPage);
  }
  return bytes;
}

const byStart = (one: Stretch, other: Stretch): number =>
  one.space - other.space || Number(one.start - other.start);

const earliest = (one: bigint, other: bigint): VirtualAddress => virtual(one < other ? one : other);
const latest = (one: bigint, other: bigint): VirtualAddress => virtual(one > other ? one : other);
