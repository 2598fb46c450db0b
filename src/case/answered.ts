import * as z from 'zod';
import { listLogs } from '../thehive/logs.ts';
import { markOf } from '../thehive/plan.ts';
import { TASK_TITLE } from '../thehive/post-text.ts';
import { queryAll } from '../thehive/query.ts';
import type { Session } from '../thehive/session.ts';
import { TheHiveError, type TheHiveReason } from '../thehive/thehive-error.ts';
import type { Id } from '../thehive/thehive.ts';

/** Reasons for which a look is worth nothing, and the run goes on as if there were no answer. */
const NOT_SEEN: ReadonlySet<TheHiveReason> = new Set(['forbidden', 'missing', 'refused']);

/** A page is identified by its title alone here, which may be long; its text is not needed. */
const titled = z.object({
  _id: z.string(),
  title: z.string(),
  status: z.string().default('Waiting'),
});

/**
 * Where the case holds the answer to a question already: that is what ends an automatic loop, and spares the second click.
 * All ways in which we write are looked through: page, task made by an operation, log. The text is written last, so it
 * stands only where the rest was tried.
 *
 * @param key of image and indicators, see `questionKey`
 * @returns the title of the page or task; null: there is none
 */
export async function answeredIn(
  session: Session,
  caseId: Id,
  key: string,
): Promise<string | null> {
  try {
    const found = await Promise.all([session.version === 5 ? list('pages') : [], list('tasks')]);
    const rows = found.flat().filter(({ status }) => status !== 'Cancel');
    const whole = rows.find(({ title }) => title.endsWith(`[${key}]`));
    if (whole) return whole.title;
    for (const task of rows.filter(({ title }) => title === TASK_TITLE)) {
      const logs = await listLogs(session, task._id);
      if (logs.some(({ message }) => message.trimEnd().endsWith(markOf(key)))) return TASK_TITLE;
    }
    return null;
  } catch (error) {
    if (error instanceof TheHiveError && NOT_SEEN.has(error.reason)) return null;
    throw error;
  }

  function list(what: 'pages' | 'tasks') {
    const steps = [{ _name: 'getCase', idOrName: caseId }, { _name: what }];
    return queryAll(session, steps, titled, `look for an earlier answer among the ${what}`);
  }
}
