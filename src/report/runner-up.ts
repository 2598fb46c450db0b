import type { Report } from './report.ts';

type Ranked = Pick<NonNullable<Report['answer']['runnerUp']>, 'pid' | 'name' | 'score'>;

/** The process behind the first, and how far; null where there are no two. */
export function runnerUpOf([first, second]: readonly Ranked[]): Report['answer']['runnerUp'] {
  if (!first || !second) return null;
  const { pid, name, score } = second;
  return { pid, name, score, margin: first.score - score };
}
