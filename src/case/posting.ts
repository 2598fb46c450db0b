import { Ip2ProcessError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { readKnown } from '../thehive/known.ts';
import { operationsFor, type Operation } from '../thehive/operations.ts';
import { canPostByRest, postByRest } from '../thehive/post-by-rest.ts';
import type { PostingContext } from '../thehive/posting.ts';
import type { Session } from '../thehive/session.ts';

/** How a report came into its case. */
export interface Posted {
  /** What is left for TheHive to do after the job. */
  readonly operations: readonly Operation[];
  /** Observables that were created or brought up to date already; null: it was cut, and nobody knows. */
  readonly observables: number | null;
  /** The report's text stands in the case, or will by an operation: else the caller keeps it. */
  readonly hasText: boolean;
  /** What could not be done: a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Puts a report into its case: by REST where the key may write, else by operations of a responder, also where a key that
 * should be allowed to write was refused. What fails is noted; the report itself is never lost by it.
 *
 * @param results 'rest' where nobody executes operations; 'operations' where all is to be done as who clicked
 */
export async function postedAs(
  results: 'auto' | 'operations' | 'rest',
  session: Session,
  report: Report,
  context: PostingContext,
): Promise<Posted> {
  const notes: string[] = [];
  let observables = 0;
  if (results !== 'operations' && canPostByRest(session)) {
    const posted = await postByRest(session, report, context);
    const hasText = posted.text !== null;
    observables = posted.added + posted.present;
    notes.push(...posted.warnings);
    // What is silent would be silent to the questions below too, for as long again.
    if (hasText || results === 'rest' || posted.isGone)
      return { operations: [], observables, hasText, notes };
  }
  if (results === 'rest') {
    const { login } = session.account;
    notes.push(`The account "${login}" may not write: nothing was added to the case`);
    return { operations: [], observables, hasText: false, notes };
  }

  try {
    const known = await readKnown(session, report, context);
    const { operations, notes: limits } = operationsFor(report, context, known);
    const hasText = known.hasTask || operations.some(({ type }) => type === 'CreateTask');
    return { operations, observables, hasText, notes: [...notes, ...limits] };
  } catch (error) {
    if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
    notes.push(error.message);
    return { operations: [], observables, hasText: false, notes: [...new Set(notes)] };
  }
}

/**
 * The report is there, and something ended its way into the case: whoever has it keeps it.
 *
 * @throws what was thrown, where nobody wants the report any more, or it is a bug
 */
export function notPosted(error: unknown): Posted {
  if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
  const note = `${error.message}. The case may lack parts of the report; another run adds them`;
  return { operations: [], observables: null, hasText: false, notes: [note] };
}
