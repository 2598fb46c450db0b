import type { Comparison } from '../attribute/second-opinion.ts';
import { hex } from '../memory/address.ts';
import type { SecondOpinionPart } from './second-opinion-part.ts';

/** What became of asking a second engine. */
export interface SecondOpinion {
  readonly engine: string;
  readonly version: string | null;
  readonly way: string;
  /** A sentence where it gave no answer. */
  readonly comparison: Comparison | string;
  readonly warnings: readonly string[];
}

/** Differences that the report lists of either kind. */
const MOST_LISTED = 200;
const NOTHING = { both: 0, onlyAnswer: 0, onlySecond: 0 };

export function secondOpinionOf(opinion: SecondOpinion): SecondOpinionPart {
  const { engine, version, way, comparison, warnings } = opinion;
  const common = { engine, version, way, warnings: [...warnings] };
  if (typeof comparison === 'string') {
    return {
      ...common,
      state: 'failed',
      reason: comparison,
      places: NOTHING,
      processes: NOTHING,
      placeDifferences: [],
      processDifferences: [],
    };
  }
  const { places, processes, placeDifferences, processDifferences } = comparison;
  return {
    ...common,
    state: 'answered',
    reason: null,
    places: { ...places },
    processes: { ...processes },
    placeDifferences: placeDifferences
      .slice(0, MOST_LISTED)
      .map(({ physical, address, ...rest }) => ({
        physicalAddress: physical === null ? null : hex(physical),
        virtualAddress: hex(address),
        ...rest,
      })),
    processDifferences: processDifferences.slice(0, MOST_LISTED).map((one) => ({ ...one })),
  };
}

/** The agreement in one sentence; what both name comes first. */
export function agreementIn({
  engine,
  way,
  state,
  reason,
  places,
  processes,
}: SecondOpinionPart): string {
  if (state === 'failed') return `${nameOf(engine)} gave no answer: ${reason ?? 'no reason told'}.`;
  const differ = places.onlyAnswer + places.onlySecond;
  const judgement =
    differ === 0
      ? `agrees on all ${places.both} places of hits in processes`
      : `agrees on ${places.both} of ${places.both + differ} places of hits in processes (${places.onlyAnswer} it does not name, ${places.onlySecond} only it names)`;
  return `${nameOf(engine)} ${judgement}, and on ${processes.both} of ${processes.both + processes.onlyAnswer + processes.onlySecond} processes${way === 'plugin' ? '' : ' with hits'}.`;
}

export const nameOf = (engine: string): string =>
  engine === 'volatility3' ? 'Volatility 3' : engine;
