import { createLog, deleteLog, listLogs, updateLog, type Log, type LogFile } from './logs.ts';
import { keepOldest, oldest } from './oldest.ts';
import { createPage, deletePage, findPages, updatePage } from './pages.ts';
import { markOf, shortened, type Plan } from './plan.ts';
import { may, type Session } from './session.ts';
import { createTask, findTasks, removeTask } from './tasks.ts';
import type { Id } from './thehive.ts';

export interface PostedText {
  readonly kind: 'page' | 'log';
  readonly id: Id;
  readonly isNew: boolean;
}

/** TheHive 5 takes 1,048,576 characters; TheHive 4 256 kB of JSON, in which a character can be six bytes. */
const LONGEST_PAGE = 1_000_000;
const LONGEST_LOG = 40_000;
/** One task for all reports of a case. */
export const TASK_TITLE = 'ip2process reports';
const GROUP = 'ip2process';

/** The report as a page (TheHive 5, where the key may), else as a log of the one task for reports. */
export const postText = (session: Session, caseId: Id, plan: Plan): Promise<PostedText> =>
  session.version === 5 && may(session, 'managePage')
    ? postPage(session, caseId, plan)
    : postLogs(session, caseId, plan);

async function postPage(session: Session, caseId: Id, plan: Plan): Promise<PostedText> {
  const { title, key, markdown } = plan;
  const content = shortened(markdown, LONGEST_PAGE, key);
  const find = () => findPages(session, caseId, title);
  const there = oldest(await find());
  if (there) {
    if (there.content.trimEnd() !== content.trimEnd())
      await updatePage(session, caseId, there.id, content);
    return { kind: 'page', id: there.id, isNew: false };
  }
  const created = await createPage(session, caseId, { title, content, category: GROUP });
  const { kept, isOurs } = await keepOldest(created, find, (id) => deletePage(session, caseId, id));
  return { kind: 'page', id: kept.id, isNew: isOurs };
}

async function postLogs(session: Session, caseId: Id, plan: Plan): Promise<PostedText> {
  const task = await reportTask(session, caseId);
  const text = shortened(plan.markdown, LONGEST_LOG, plan.key);
  if (session.version === 5) return postLog(session, task, text, markOf(plan.key), plan.files);
  // One file to a log: the second goes with a line of its own.
  const [page, ...others] = plan.files;
  const posted = await postLog(session, task, text, markOf(plan.key), page ? [page] : []);
  for (const file of others) {
    const mark = `${markOf(plan.key)} as ${file.name}`;
    await postLog(session, task, mark, mark, [file]);
  }
  return posted;
}

/** @param mark ends the text of this log, and of no other */
async function postLog(
  session: Session,
  task: Id,
  text: string,
  mark: string,
  files: readonly LogFile[],
): Promise<PostedText> {
  const find = async (): Promise<Log[]> =>
    (await listLogs(session, task)).filter(({ message }) => message.trimEnd().endsWith(mark));
  const there = oldest(await find());
  if (there) {
    if (there.message.trimEnd() !== text.trimEnd()) await updateLog(session, there.id, text);
    return { kind: 'log', id: there.id, isNew: false };
  }
  const created = await createLog(session, task, text, files);
  const { kept, isOurs } = await keepOldest(created, find, (id) => deleteLog(session, id));
  return { kind: 'log', id: kept.id, isNew: isOurs };
}

async function reportTask(session: Session, caseId: Id): Promise<Id> {
  const find = () => findTasks(session, caseId, TASK_TITLE);
  const there = oldest(await find());
  if (there) return there.id;
  const description =
    'Which process talks to the indicators of this case: one log for each memory image and question.';
  const created = await createTask(session, caseId, {
    title: TASK_TITLE,
    group: GROUP,
    description,
  });
  const { kept } = await keepOldest(created, find, (id) => removeTask(session, id));
  return kept.id;
}
