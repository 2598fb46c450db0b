import { FrameSet } from '../../memory/frame-set.ts';
import {
  frameOf,
  PAGE_BYTES,
  virtual,
  virtualPageStart,
  type PhysicalAddress,
} from '../../memory/address.ts';
import { reverseMap } from '../../translate/reverse-map.ts';
import { selfMapOf } from './former-owner.ts';
import { ENTRY_BYTES, type FrameDatabase } from './frame-database.ts';
import type { WindowsKernel } from './kernel.ts';

/** MMPFN.u3.e1.PageLocation. */
const ACTIVE = 6;
/** Frames of a 2 MiB page. */
const LARGE_FRAMES = 512;

/**
 * Places that the scan found, and where the kernel sees them: by its books of frames, which know the entry that maps a
 * frame. What they leave open, and all of it without them, one walk over its half of the tables tells.
 */
export function kernelAddresses(
  kernel: WindowsKernel,
  database: FrameDatabase | null,
  places: readonly PhysicalAddress[],
): ReadonlyMap<PhysicalAddress, bigint> {
  const addresses = new Map<PhysicalAddress, bigint>();
  const addressOf = database && addressReader(kernel, database);
  const open = places.filter((place) => {
    const address = addressOf?.(place);
    if (address !== undefined && address !== null) addresses.set(place, address);
    return address === undefined;
  });
  return open.length === 0 ? addresses : new Map([...addresses, ...byTables(kernel, open)]);
}

/** Null: no kernel address. Undefined: the books do not tell, or not what the tables do. */
function addressReader(
  { structures, space, memory }: WindowsKernel,
  { base, layout }: FrameDatabase,
): ((place: PhysicalAddress) => bigint | null | undefined) | null {
  const selfMap = selfMapOf(space, memory);
  if (selfMap === null) return null;
  return (place) => {
    const frame = frameOf(place);
    const bytes = structures.bytes(base + BigInt(frame) * BigInt(ENTRY_BYTES), ENTRY_BYTES);
    if (bytes.length < ENTRY_BYTES) return undefined;
    if ((bytes.readUInt8(layout.state + 2) & 7) !== ACTIVE) return null;
    const entry = bytes.readBigUInt64LE(layout.pteAddress) & ~7n;
    if (selfMap.placeOf(entry) === 'user') return null;
    const page = selfMap.addressOf(entry) ?? 0n;
    // Where the entry is one of a large page, what it maps as a table would is the page's first entry.
    const large = (selfMap.addressOf(page) ?? 0n) + BigInt((frame % LARGE_FRAMES) * PAGE_BYTES);
    return [page, large]
      .map((start) => start + BigInt(place % PAGE_BYTES))
      .find((at) => space.translate(virtual(at))?.physical === place);
  };
}

function byTables(
  { memory, space }: WindowsKernel,
  places: readonly PhysicalAddress[],
): ReadonlyMap<PhysicalAddress, bigint> {
  const limit = places.reduce((most, place) => Math.max(most, frameOf(place) + 1), 0);
  const interest = new FrameSet(limit);
  for (const place of places) interest.add(frameOf(place));
  const none = new FrameSet(0);
  const roots = [{ root: space.root, half: 'kernel' }] as const;
  const map = reverseMap(memory, roots, space.mode, space.rules, {
    interest,
    tails: none,
    heads: none,
  });
  const addresses = new Map<PhysicalAddress, bigint>();
  for (const place of places) {
    const mapping = map.mappingsOf(frameOf(place))[0];
    if (mapping === undefined) continue;
    addresses.set(place, virtual(virtualPageStart(mapping.page) + BigInt(place % PAGE_BYTES)));
  }
  return addresses;
}
