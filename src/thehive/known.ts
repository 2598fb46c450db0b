import type { Report } from '../report/report.ts';
import { existingDataTypes } from './data-types.ts';
import { getObservable, listObservables } from './observables.ts';
import { planOf } from './plan.ts';
import type { PostingContext } from './posting.ts';
import type { Session } from './session.ts';
import { findTasks } from './tasks.ts';
import type { Observable } from './thehive.ts';
import { getCase } from './cases.ts';

/** What stands in the case already, so that nothing is added twice. A key that may only read can fetch it. */
export interface Known {
  readonly dataTypes: ReadonlySet<string>;
  readonly observables: readonly Observable[];
  readonly caseTags: readonly string[];
  readonly isClosed: boolean;
  /** Tags of the clicked observable, as they are now. */
  readonly clickedTags: readonly string[];
  readonly hasTask: boolean;
}

export async function readKnown(
  session: Session,
  report: Report,
  context: PostingContext,
): Promise<Known> {
  const plan = planOf(report, context);
  const now = await getCase(session, context.case.id);
  return {
    dataTypes: await existingDataTypes(
      session,
      plan.observables.map(({ dataType }) => dataType),
    ),
    observables: await listObservables(session, context.case.id),
    caseTags: now.tags,
    isClosed: now.isClosed,
    clickedTags: context.clicked ? (await getObservable(session, context.clicked.id)).tags : [],
    hasTask: (await findTasks(session, context.case.id, plan.title)).length > 0,
  };
}
