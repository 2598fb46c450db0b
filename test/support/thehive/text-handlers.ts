import { badRequest, notFound, type Answer } from './answer.ts';
import { caseOf, need, type Asked } from './asked.ts';
import * as bodies from './bodies.ts';
import { logView, pageView, taskView } from './views.ts';

export function createTask(asked: Asked, inPath?: string): Answer {
  const { store, version, account } = asked;
  const given =
    version === 4
      ? bodies.checked(bodies.newTask4, asked.json)
      : { ...bodies.checked(bodies.newTask5, asked.json), caseId: inPath ?? '' };
  const of = caseOf(asked, given.caseId);
  need(asked, 'manageTask');
  const { title, group, description } = given;
  const made = store.addTask(of._id, { title, group, description }, account.login);
  return { status: 201, body: taskView(made) };
}

export function patchTask(asked: Asked, id: string): Answer {
  const found = asked.store.tasks.get(id);
  if (!found) throw notFound('Task');
  need(asked, 'manageTask');
  found.status = bodies.checked(bodies.changedTask, asked.json).status;
  return { status: 204 };
}

/** Files come as `attachment` (TheHive 4, one) or `attachments` (H7); another name is a file that gets lost. */
export async function createLog(asked: Asked, taskId: string): Promise<Answer> {
  const { store, version, account, form } = asked;
  const task = store.tasks.get(taskId);
  if (!task) throw notFound('Task');
  need(asked, 'manageTask');
  const field = version === 4 ? 'attachment' : 'attachments';
  for (const name of form?.keys() ?? []) {
    if (name !== '_json' && name !== field) throw badRequest(`unknown part ${name}`);
  }
  const parts = form?.getAll(field) ?? [];
  if (version === 4 && parts.length > 1) throw badRequest('a log has one attachment');
  const files = await Promise.all(
    parts.map(async (part) => {
      if (typeof part === 'string') throw badRequest('an attachment is a file');
      return { name: part.name, text: await part.text() };
    }),
  );
  const described = form?.get('_json');
  const json: unknown = typeof described === 'string' ? JSON.parse(described) : asked.json;
  const { message } = bodies.checked(bodies.newLog, json);
  const made = { ...store.stamp(account.login), taskId, message, files };
  store.logs.set(made._id, made);
  if (task.status === 'Waiting') task.status = 'InProgress';
  store.events.push({
    action: 'create',
    objectType: 'Log',
    objectId: made._id,
    details: { message },
  });
  return { status: 201, body: logView(made, version) };
}

export function patchLog(asked: Asked, id: string): Answer {
  const found = asked.store.logs.get(id);
  if (!found) throw notFound('Log');
  need(asked, 'manageTask');
  found.message = bodies.checked(bodies.newLog, asked.json).message;
  return { status: 204 };
}

export function createPage(asked: Asked, caseId: string): Answer {
  const of = caseOf(asked, caseId);
  need(asked, 'managePage');
  const made = {
    ...asked.store.stamp(asked.account.login),
    caseId: of._id,
    ...bodies.checked(bodies.newPage, asked.json),
  };
  asked.store.pages.set(made._id, made);
  return { status: 201, body: pageView(made) };
}

export function patchPage(asked: Asked, _caseId: string, id: string): Answer {
  const found = asked.store.pages.get(id);
  if (!found) throw notFound('Page');
  need(asked, 'managePage');
  const { title, content, category } = bodies.checked(bodies.changedPage, asked.json);
  Object.assign(found, {
    ...(title ? { title } : {}),
    ...(content ? { content } : {}),
    ...(category ? { category } : {}),
  });
  return { status: 204 };
}
