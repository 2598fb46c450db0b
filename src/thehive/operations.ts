import type { Report } from '../report/report.ts';
import { inExistingType } from './data-types.ts';
import type { Known } from './known.ts';
import { outdatedBy } from './own-tags.ts';
import { planOf, shortened } from './plan.ts';
import type { PostingContext } from './posting.ts';

/**
 * What a Cortex responder may ask of TheHive, which does it after the job in the name of who clicked.
 *
 * Source: TheHive 4.1.24, cortex/connector ActionOperation.scala. One operation of an unknown type, or with a field missing
 * or of another type, makes TheHive 4 drop them all and leaves the action pending for ever.
 */
export type Operation =
  /** Only when the responder ran on an observable: that one. */
  | { readonly type: 'AddTagToArtifact'; readonly tag: string }
  | { readonly type: 'AddTagToCase'; readonly tag: string }
  | {
      readonly type: 'AddArtifactToCase';
      readonly dataType: string;
      readonly data: string;
      readonly message: string;
      readonly tlp: number;
      readonly ioc: boolean;
      readonly tags: readonly string[];
    }
  | { readonly type: 'CreateTask'; readonly title: string; readonly description: string };

export interface Posting {
  readonly operations: readonly Operation[];
  /** What operations cannot do here: a sentence each, for the responder's message. */
  readonly notes: readonly string[];
}

/** The task becomes the input of later responders, of which Cortex takes 100 kB. */
const LONGEST_DESCRIPTION = 30_000;

/**
 * The report as operations, for a key that may only read. Nothing that the case has already is asked for again, since
 * TheHive would show it as a failed operation.
 */
export function operationsFor(report: Report, context: PostingContext, known: Known): Posting {
  if (known.isClosed) {
    return {
      operations: [],
      notes: [`Case ${context.case.number} is closed: nothing was added to it`],
    };
  }
  const plan = planOf(report, context);
  const notes: string[] = [];
  const operations: Operation[] = [];

  for (const { observable, tags } of plan.indicatorTags) {
    if (observable.id !== context.clicked?.id) {
      notes.push(
        `"${observable.data ?? observable.id}" was not tagged: that needs a key that may write`,
      );
      continue;
    }
    for (const tag of tags) {
      if (!known.clickedTags.includes(tag)) operations.push({ type: 'AddTagToArtifact', tag });
    }
    noteOutdated('the observable', known.clickedTags, tags);
  }
  for (const tag of plan.caseTags) {
    if (!known.caseTags.includes(tag)) operations.push({ type: 'AddTagToCase', tag });
  }
  for (const wanted of plan.observables) {
    const { dataType, data, message, tlp, tags } = inExistingType(wanted, known.dataTypes);
    const there = known.observables.find((one) => one.dataType === dataType && one.data === data);
    if (!there) {
      operations.push({
        type: 'AddArtifactToCase',
        dataType,
        data,
        message,
        tlp,
        ioc: false,
        tags,
      });
      continue;
    }
    const missing = tags.filter((tag) => !there.tags.includes(tag));
    if (missing.length > 0) {
      notes.push(
        `"${data}" is in the case already; without a key that may write it lacks the tags ${missing.join(', ')}`,
      );
    }
    noteOutdated(`"${data}"`, there.tags, tags);
  }
  if (!known.hasTask) {
    const description = shortened(plan.markdown, LONGEST_DESCRIPTION, plan.key);
    operations.push({ type: 'CreateTask', title: plan.title, description });
  }
  if (plan.leftOut > 0) notes.push(leftOutNote(plan.leftOut));
  return { operations, notes };

  function noteOutdated(of: string, present: readonly string[], tags: readonly string[]): void {
    const outdated = present.filter(outdatedBy(tags));
    if (outdated.length > 0) {
      notes.push(
        `Tags of ${of} are outdated, and only a key that may write can remove them: ${outdated.join(', ')}`,
      );
    }
  }
}

export const leftOutNote = (count: number): string =>
  `${count} more findings are in the report only: the limit of observables is reached`;
