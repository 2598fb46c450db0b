import { physical } from '../memory/address.ts';
import type { BytePattern } from '../indicator/pattern.ts';
import type { Hit } from './hit.ts';

/** What one thread found: columns, so that a million hits cross to another thread without being copied. */
export interface HitColumns {
  /** `HIT_WORDS` numbers a hit: address, pattern, length, flags. */
  readonly hits: Float64Array<ArrayBuffer>;
  /** Per indicator, of all hits, kept or not. */
  readonly found: Float64Array<ArrayBuffer>;
}

const HIT_WORDS = 4;
const OPEN_BEFORE = 1;
const OPEN_AFTER = 2;
const CROSSES_FRAMES = 4;

/** Hits of one thread, which meets them block by block in ascending order. Grows by doubling up to its limit. */
export class HitList {
  private hits = new Float64Array(256 * HIT_WORDS);
  private length = 0;
  private readonly found: Float64Array<ArrayBuffer>;
  private readonly patterns: readonly BytePattern[];
  private readonly perIndicator: number;

  /** @param perIndicator how many hits of each are kept, those at the lowest addresses; counting goes on */
  constructor(patterns: readonly BytePattern[], indicators: number, perIndicator: number) {
    this.patterns = patterns;
    this.perIndicator = perIndicator;
    this.found = new Float64Array(indicators);
  }

  /** @param hits of one block: sorted and counted once each, then kept as far as the limit allows */
  addBlock(hits: readonly Hit[]): void {
    for (const hit of distinct(hits, this.patterns)) {
      const indicator = this.patterns[hit.pattern]?.indicator ?? 0;
      const count = this.found[indicator] ?? 0;
      this.found[indicator] = count + 1;
      if (count < this.perIndicator) this.append(hit);
    }
  }

  private append(hit: Hit): void {
    if (this.length + HIT_WORDS > this.hits.length) {
      const larger = new Float64Array(this.hits.length * 2);
      larger.set(this.hits);
      this.hits = larger;
    }
    const flags =
      (hit.openBefore ? OPEN_BEFORE : 0) |
      (hit.openAfter ? OPEN_AFTER : 0) |
      (hit.crossesFrames ? CROSSES_FRAMES : 0);
    this.hits.set([hit.address, hit.pattern, hit.length, flags], this.length);
    this.length += HIT_WORDS;
  }

  columns(): HitColumns {
    return { hits: this.hits.slice(0, this.length), found: this.found };
  }
}

/** Without the hits of indicators (true in `full`) of which enough are kept elsewhere; they still count as found. */
export function withoutFull(
  { hits, found }: HitColumns,
  patterns: readonly BytePattern[],
  full: readonly boolean[],
): HitColumns {
  if (!full.includes(true)) return { hits, found };
  const kept = new Float64Array(hits.length);
  let length = 0;
  for (let at = 0; at < hits.length; at += HIT_WORDS) {
    const indicator = patterns[hits[at + 1] ?? 0]?.indicator ?? 0;
    if (full[indicator]) continue;
    kept.set(hits.subarray(at, at + HIT_WORDS), length);
    length += HIT_WORDS;
  }
  return { hits: kept.slice(0, length), found };
}

/** What all threads found, in ascending order, and per indicator how many more there were than are kept. */
export function merged(
  parts: readonly HitColumns[],
  patterns: readonly BytePattern[],
  indicators: number,
  perIndicator: number,
): { hits: Hit[]; truncated: number[] } {
  const all = distinct(parts.flatMap(rows), patterns);
  const kept = Array.from({ length: indicators }, () => 0);
  const hits = all.filter(({ pattern }) => {
    const indicator = patterns[pattern]?.indicator ?? 0;
    const count = kept[indicator] ?? 0;
    if (count >= perIndicator) return false;
    kept[indicator] = count + 1;
    return true;
  });

  const truncated = kept.map((count, indicator) => {
    const found = parts.reduce((sum, part) => sum + (part.found[indicator] ?? 0), 0);
    return count < perIndicator ? 0 : found - count;
  });
  return { hits, truncated };
}

function rows({ hits }: HitColumns): Hit[] {
  const list: Hit[] = [];
  for (let at = 0; at < hits.length; at += HIT_WORDS) {
    const flags = hits[at + 3] ?? 0;
    list.push({
      address: physical(hits[at] ?? 0),
      pattern: hits[at + 1] ?? 0,
      length: hits[at + 2] ?? 0,
      openBefore: (flags & OPEN_BEFORE) !== 0,
      openAfter: (flags & OPEN_AFTER) !== 0,
      crossesFrames: (flags & CROSSES_FRAMES) !== 0,
    });
  }
  return list;
}

/** Sorted by address; of several readings of one place as one indicator, the longest, then the earliest pattern. */
function distinct(hits: readonly Hit[], patterns: readonly BytePattern[]): Hit[] {
  const indicatorOf = ({ pattern }: Hit): number => patterns[pattern]?.indicator ?? 0;
  const sorted = hits.toSorted(
    (a, b) =>
      a.address - b.address ||
      indicatorOf(a) - indicatorOf(b) ||
      b.length - a.length ||
      a.pattern - b.pattern,
  );
  return sorted.filter((hit, index) => {
    const before = sorted[index - 1];
    return !before || before.address !== hit.address || indicatorOf(before) !== indicatorOf(hit);
  });
}
