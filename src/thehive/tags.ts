import { setTimeout as wait } from 'node:timers/promises';
import { getCase } from './cases.ts';
import { getObservable } from './observables.ts';
import type { Session } from './session.ts';
import type { Id } from './thehive.ts';

export interface TagHolder {
  readonly kind: 'case' | 'observable';
  readonly id: Id;
}

export interface TagChange {
  readonly add: readonly string[];
  /** Tags that this run makes untrue; only own ones. */
  readonly isOutdated: (tag: string) => boolean;
}

/** Writers that meet again after this many rounds are not ours: each of ours adds what it reads of the others. */
const MOST_ROUNDS = 6;
const LONGEST_PAUSE_MS = 150;

/**
 * Adds and removes tags, and reads back until they stand.
 *
 * TheHive 4 replaces the whole list on PATCH, so a writer can undo another. Each round reads, merges, writes; tags that were
 * there when this call began and are gone are put back. What stays open: a tag that somebody else adds between our reading
 * and our writing, milliseconds apart; when that somebody is another run of ours, its own reading back mends it.
 *
 * @returns whether all is as asked in the end
 */
export async function changeTags(
  session: Session,
  holder: TagHolder,
  change: TagChange,
): Promise<boolean> {
  const wanted = new Set(change.add);
  const others = new Set<string>();
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    // The pause stands before the reading, so that writing follows it at once.
    if (round > 1) await wait(Math.random() * LONGEST_PAUSE_MS * round);
    const present = await tagsOf(session, holder);
    const outdated = present.filter((tag) => change.isOutdated(tag) && !wanted.has(tag));
    for (const tag of present) if (!outdated.includes(tag)) others.add(tag);
    const missing = [...others, ...wanted].filter((tag) => !present.includes(tag));
    if (missing.length === 0 && outdated.length === 0) return true;
    const json =
      session.version === 4
        ? { tags: [...new Set([...others, ...wanted])] }
        : {
            ...(missing.length > 0 ? { addTags: [...new Set(missing)] } : {}),
            ...(outdated.length > 0 ? { removeTags: outdated } : {}),
          };
    await session.transport.send({
      method: 'PATCH',
      path: ['api', 'v1', holder.kind, holder.id],
      json,
      task: `tag the ${holder.kind}`,
      repeatable: true,
    });
  }
  return false;
}

const tagsOf = async (session: Session, { kind, id }: TagHolder): Promise<readonly string[]> =>
  (kind === 'case' ? await getCase(session, id) : await getObservable(session, id)).tags;
