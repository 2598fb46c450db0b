import type { PhaseClock } from './phase-clock.ts';
import { attribute } from '../attribute/attribution.ts';
import { framesOfInterest } from '../attribute/frames-of-interest.ts';
import { locate } from '../attribute/locate.ts';
import { hostsAskedFor, pivotsOf } from '../attribute/pivots.ts';
import type { Proxy } from '../attribute/proxy.ts';
import { sentBy } from '../attribute/sent.ts';
import type { Engine } from '../engine/engine.ts';
import type { Indicator } from '../indicator/indicator.ts';
import { patternsOf } from '../indicator/patterns.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { ScanResult } from '../scan/scan.ts';

/** From hits to weighed processes: who maps the frames of the hits, what each holds there, and what speaks for and against it. */
export async function weigh(
  indicators: readonly Indicator[],
  found: ScanResult,
  { engine, memory, proxy }: Machine,
  timed: PhaseClock['timed'],
) {
  const { tails, heads, larger, hits } = found;
  const owners = await timed('owners', () =>
    engine.owners({ interest: framesOfInterest(found), tails, heads, larger }),
  );
  return timed('attribute', () => {
    const question = { indicators, patterns: patternsOf(indicators) };
    const located = locate(question, hits, owners, engine, memory);
    const { occurrences } = located;
    const sent = sentBy(engine, memory, occurrences);
    const attributions = attribute(indicators, engine, sent, occurrences, proxy);
    return {
      indicators,
      located,
      attributions,
      pivots: pivotsOf(indicators, engine, occurrences, attributions, proxy),
      pivotHosts: hostsAskedFor(engine, sent, proxy),
      searched: {
        bytes: found.bytesSearched,
        unreadableBytes: found.unreadableBytes,
        hitsNotKept: found.truncated,
        unreadableTables: owners.unreadableTables,
        notInMemory: owners.notInMemory ?? null,
      },
      warnings: found.warnings,
    };
  });
}

/** What is known of the machine, and who says so. */
interface Machine {
  readonly engine: Engine;
  readonly memory: PhysicalMemory;
  readonly proxy: Proxy | null;
}
