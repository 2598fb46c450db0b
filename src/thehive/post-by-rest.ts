import { Ip2ProcessError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { getCase } from './cases.ts';
import { existingDataTypes, inExistingType } from './data-types.ts';
import { keepOldest, oldest } from './oldest.ts';
import {
  createObservable,
  deleteObservable,
  listObservables,
  type NewObservable,
} from './observables.ts';
import { leftOutNote } from './operations.ts';
import { outdatedBy } from './own-tags.ts';
import { planOf } from './plan.ts';
import { postText, type PostedText } from './post-text.ts';
import type { PostingContext } from './posting.ts';
import { may, type Permission, type Session } from './session.ts';
import { changeTags, type TagHolder } from './tags.ts';
import type { Id } from './thehive.ts';
import { TheHiveError, type TheHiveReason } from './thehive-error.ts';

export interface PostResult {
  /** Observables that this run created. */
  readonly added: number;
  /** Those that stood there, and were brought up to date. */
  readonly present: number;
  readonly text: PostedText | null;
  /** What could not be done: a sentence each. Nothing of it is lost, since the report stands on its own. */
  readonly warnings: readonly string[];
  /** TheHive gave no answer, several times: nothing else need be asked of it. */
  readonly isGone: boolean;
}

/** Whether the key can write what a report needs; else `operationsFor`. */
export const canPostByRest = (session: Session): boolean =>
  may(session, 'manageObservable') && may(session, 'manageTask');

const NO_ANSWER = new Set<TheHiveReason>(['unreachable', 'slow']);
/** After these the next call would fail too. */
const FINAL = new Set<TheHiveReason>([
  ...NO_ANSWER,
  'unauthenticated',
  'busy',
  'not-thehive',
  'case-closed',
]);
/** Each was asked several times: one object can be what TheHive fails at, but not so many. */
const MOST_SERVER_FAILURES = 2;

/**
 * Puts the report into the case with a key that may write: tags, observables, text. Each part is tried even if another
 * failed. Twice is as once: all is looked up first; what two runs create at once is looked up again and mended.
 *
 * @throws Ip2ProcessError kind 'cancelled' only
 */
export async function postByRest(
  session: Session,
  report: Report,
  context: PostingContext,
): Promise<PostResult> {
  const plan = planOf(report, context);
  const caseId = context.case.id;
  const warnings: string[] = plan.leftOut > 0 ? [leftOutNote(plan.leftOut)] : [];
  const tagged: { holder: TagHolder; tags: readonly string[] }[] = [];
  let [added, present, serverFailures, isOver, isGone] = [0, 0, 0, false, false];
  let text: PostedText | null = null;

  await part(null, async () => {
    if ((await getCase(session, caseId)).isClosed) {
      throw new TheHiveError(
        'case-closed',
        `Cannot add the report to case ${context.case.number}: the case is closed; reopen it and run again`,
        { case: caseId },
      );
    }
  });
  await part('manageCase', () => tag({ kind: 'case', id: caseId }, plan.caseTags));
  for (const { observable, tags } of plan.indicatorTags) {
    await part('manageObservable', () => tag({ kind: 'observable', id: observable.id }, tags));
  }
  await part('manageObservable', async () => {
    const types = plan.observables.map(({ dataType }) => dataType);
    const existing = await existingDataTypes(session, types);
    for (const wanted of plan.observables) {
      await part('manageObservable', () => add(inExistingType(wanted, existing)));
    }
  });
  const writesText =
    session.version === 5 && may(session, 'managePage') ? 'managePage' : 'manageTask';
  await part(writesText, async () => {
    text = await postText(session, caseId, plan);
  });
  // A run beside this one may have overwritten tags since.
  for (const { holder, tags } of tagged) {
    await part(null, () => tag(holder, tags, false));
  }
  return { added, present, text, warnings: [...new Set(warnings)], isGone };

  async function part(needs: Permission | null, run: () => Promise<void>): Promise<void> {
    if (isOver) return;
    if (needs && !may(session, needs)) {
      warnings.push(
        `The account "${session.account.login}" lacks the permission ${needs}: what needs it was not written`,
      );
      return;
    }
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
      warnings.push(error.message);
      if (!(error instanceof TheHiveError)) return;
      if (error.reason === 'server') serverFailures += 1;
      isOver = FINAL.has(error.reason) || serverFailures === MOST_SERVER_FAILURES;
      isGone = NO_ANSWER.has(error.reason) && error.isRepeatable;
    }
  }

  async function tag(holder: TagHolder, tags: readonly string[], isFirst = true): Promise<void> {
    if (isFirst) tagged.push({ holder, tags });
    const isDone = await changeTags(session, holder, { add: tags, isOutdated: outdatedBy(tags) });
    if (!isDone)
      warnings.push(
        `Somebody else keeps changing the tags of the ${holder.kind}: some may be missing`,
      );
  }

  async function add(wanted: NewObservable): Promise<void> {
    const find = async () =>
      (
        await listObservables(session, caseId, { dataType: wanted.dataType, data: wanted.data })
      ).filter(({ data }) => data === wanted.data);
    const there = oldest(await find());
    if (there) return update(there.id, wanted.tags);
    const created = await createObservable(session, caseId, wanted);
    if (!created) {
      // Another run was faster, or TheHive 5 takes another spelling for the same.
      const now = oldest(await listSimilar(wanted));
      if (now) await update(now.id, wanted.tags);
      return;
    }
    const { kept, isOurs } = await keepOldest(created, find, (id) => deleteObservable(session, id));
    if (!isOurs) return update(kept.id, wanted.tags);
    tagged.push({ holder: { kind: 'observable', id: kept.id }, tags: wanted.tags });
    added += 1;
  }

  async function listSimilar({ dataType, data }: NewObservable) {
    const all = await listObservables(session, caseId, { dataType });
    return all.filter((one) => one.data?.toLowerCase() === data.toLowerCase());
  }

  async function update(id: Id, tags: readonly string[]): Promise<void> {
    present += 1;
    await tag({ kind: 'observable', id }, tags);
  }
}
