import { POINTS, THRESHOLDS, type EvidenceKind } from './weights.ts';

/** One set of words everywhere: report, tags, live artifacts. The last two are a whole report's only. */
export const VERDICTS = [
  'responsible',
  'likely',
  'possible',
  'carrier-only',
  'no-owner',
  'not-found',
] as const;

export type Verdict = (typeof VERDICTS)[number];
export type ProcessVerdict = Exclude<Verdict, 'no-owner' | 'not-found'>;

/**
 * The word for a process.
 *
 * @param score 0 to 100
 * @param kinds of its evidence; responsible needs two, one of them behaviour
 * @param isCarrier everything that it holds is explained by its trade, or is chance
 */
export function verdictOf(
  score: number,
  kinds: ReadonlySet<EvidenceKind>,
  isCarrier: boolean,
): ProcessVerdict {
  const hasBehaviour = [...kinds].some((kind) => POINTS[kind].behaviour);
  if (hasBehaviour && kinds.size >= 2) {
    if (score >= THRESHOLDS.responsible) return 'responsible';
    if (score >= THRESHOLDS.likely) return 'likely';
  }
  return isCarrier ? 'carrier-only' : 'possible';
}

/** The word for a whole report. */
export function overallVerdict(
  processes: readonly { readonly verdict: ProcessVerdict }[],
  hits: number,
): Verdict {
  const best = VERDICTS.find((word) => processes.some(({ verdict }) => verdict === word));
  return best ?? (hits > 0 ? 'no-owner' : 'not-found');
}
