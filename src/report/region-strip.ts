import type { Attribution } from '../attribute/attribution.ts';
import { hex } from '../memory/address.ts';
import type { Process } from '../os/process.ts';
import type { Findings } from './findings.ts';
import type { ReportProcess } from './report.ts';

const MOST = 400;

/** A process' regions with the number of hits in each; where there are too many, those without hits go first. */
export function regionsOf(
  attribution: Attribution,
  process: Process,
  { engine, located }: Findings,
): ReportProcess['regions'] {
  const regions = engine.regions(process);
  const hits = new Map<bigint, number>();
  for (const index of attribution.holdings.occurrences) {
    const owner = located.occurrences[index]?.owners.find(
      (one) => one.process === attribution.process,
    );
    const start = owner?.region?.start;
    if (start !== undefined) hits.set(start, (hits.get(start) ?? 0) + 1);
  }
  const isCrowded = regions.length > MOST;
  return regions
    .filter(({ start }) => !isCrowded || hits.has(start))
    .slice(0, MOST)
    .map(({ start, end, kind, name, protection }) => ({
      start: hex(start),
      end: hex(end),
      kind,
      name,
      protection,
      hits: hits.get(start) ?? 0,
    }));
}
