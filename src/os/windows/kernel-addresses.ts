import { FrameSet } from '../../memory/frame-set.ts';
import { frameOf, virtual, virtualPageStart, type PhysicalAddress } from '../../memory/address.ts';
import { reverseMap } from '../../translate/reverse-map.ts';
import type { WindowsKernel } from './kernel.ts';

/** Places that the scan found, and where the kernel sees them: by one walk over its half of the tables. */
export function kernelAddresses(
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
    addresses.set(place, virtual(virtualPageStart(mapping.page) + BigInt(place % 4096)));
  }
  return addresses;
}
