import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { Matcher } from '../scan/matcher.ts';
import { hasBit, members, setBit } from './page-bits.ts';
import type { PagePlan } from './page-plan.ts';

/**
 * Of candidates those in which a literal does begin. Pages from anywhere are looked at in one go: what only seems to stand over the
 * joint of two of them keeps a page that a later look finds empty.
 *
 * @param kept pages that need no look: a bit for each
 */
export function confirmed(
  pages: Uint32Array,
  plan: PagePlan,
  memory: PhysicalMemory,
  matcher: Matcher,
  kept: Uint32Array = new Uint32Array(pages.length),
): Uint32Array {
  const most = Math.floor(matcher.bytes.length / PAGE_BYTES);
  const sure = new Uint32Array(pages.length);
  const batch: number[] = [];
  const look = (): void => {
    const end = batch.length * PAGE_BYTES;
    matcher.match(0, end, end, (_, at) => setBit(sure, batch[Math.floor(at / PAGE_BYTES)] ?? 0));
    batch.length = 0;
  };
  for (const number of members(pages)) {
    if (hasBit(kept, number)) {
      setBit(sure, number);
      continue;
    }
    const at = batch.length * PAGE_BYTES;
    memory.read(physical(plan.held(number).start), matcher.bytes.subarray(at, at + PAGE_BYTES));
    batch.push(number);
    if (batch.length === most) look();
  }
  if (batch.length > 0) look();
  return sure;
}
