import { PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { Matcher } from '../scan/matcher.ts';
import { members, setBit } from './page-bits.ts';
import type { PagePlan } from './page-plan.ts';

/**
 * Of candidates those in which a literal does begin. Pages from anywhere are looked at in one go: what only seems to stand over the
 * joint of two of them keeps a page that a later look finds empty.
 */
export function confirmed(
  pages: Uint32Array,
  plan: PagePlan,
  memory: PhysicalMemory,
  matcher: Matcher,
): Uint32Array {
  const most = Math.floor(matcher.bytes.length / PAGE_BYTES);
  const sure = new Uint32Array(pages.length);
  // Made once: a view costs as much as a read.
  const places = Array.from({ length: most }, (_, at) =>
    matcher.bytes.subarray(at * PAGE_BYTES, (at + 1) * PAGE_BYTES),
  );
  const batch: number[] = [];
  const look = (): void => {
    for (const number of readPages(batch, plan, memory, matcher.bytes, places))
      setBit(sure, number);
    const end = batch.length * PAGE_BYTES;
    matcher.match(0, end, end, (_, at) => setBit(sure, batch[Math.floor(at / PAGE_BYTES)] ?? 0));
    batch.length = 0;
  };
  for (const number of members(pages)) {
    batch.push(number);
    if (batch.length === most) look();
  }
  if (batch.length > 0) look();
  return sure;
}

/** Reads pages one behind the other, neighbours in one go; returns those that cannot be read (now): nobody can say no of them. */
function readPages(
  numbers: readonly number[],
  plan: PagePlan,
  memory: PhysicalMemory,
  into: Uint8Array,
  places: readonly Uint8Array[],
): readonly number[] {
  const missed: number[] = [];
  const frames = numbers.map((number) => plan.frameOf(number));
  for (let from = 0; from < numbers.length;) {
    const first = frames[from] ?? 0;
    let to = from + 1;
    while (to < numbers.length && frames[to] === first + to - from) to += 1;
    const part =
      (to === from + 1 ? places[from] : null) ?? into.subarray(from * PAGE_BYTES, to * PAGE_BYTES);
    const read = memory.read(physical(first * PAGE_BYTES), part);
    if (read < part.length) missed.push(...numbers.slice(from + Math.floor(read / PAGE_BYTES), to));
    from = to;
  }
  return missed;
}
