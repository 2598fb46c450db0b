import { PAGE_BYTES } from '../memory/address.ts';
import { byteCount } from './byte-count.ts';
import type { Report } from './report.ts';

/** Processes named; the report has all. */
const MOST_NAMED = 5;

const FATES = [
  ['compressedPages', 'compressed in memory and were not searched'],
  ['pagedOutPages', 'in a paging file, which is not part of the image'],
] as const;

/** What processes have and the search could not see, a sentence for each reason; names as the image has them. */
export function notInMemoryLines({ notInMemory }: Report['coverage']): string[] {
  return FATES.flatMap(([which, fate]) => {
    const having = (notInMemory ?? [])
      .filter((one) => one[which] > 0)
      .toSorted((one, other) => other[which] - one[which]);
    if (having.length === 0) return [];
    const pages = having.reduce((sum, one) => sum + one[which], 0);
    const named = having
      .slice(0, MOST_NAMED)
      .map((one) => `${one.name} (PID ${one.pid}, ${one[which]})`);
    const others = having.length - named.length;
    const owners = others > 0 ? `${named.join(', ')} and ${others} more` : named.join(', ');
    const size = byteCount(pages * PAGE_BYTES);
    return [
      pages === 1
        ? `1 page (${size}) of ${owners} is ${fate.replace('were', 'was')}`
        : `${pages} pages (${size}) of ${owners} are ${fate}`,
    ];
  });
}
