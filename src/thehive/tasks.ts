import * as z from 'zod';
import { queryAll, whereAll } from './query.ts';
import type { Session } from './session.ts';
import type { Id } from './thehive.ts';

export interface Task {
  readonly id: Id;
  readonly title: string;
  readonly description: string;
  readonly createdAt: number;
}

const taskRow = z.object({
  _id: z.string(),
  _createdAt: z.number(),
  title: z.string(),
  description: z.string().nullish(),
  status: z.string().default('Waiting'),
});

/** Those of a case with this title, oldest first; cancelled ones are gone for people, and for us. */
export async function findTasks(session: Session, caseId: Id, title: string): Promise<Task[]> {
  const rows = await queryAll(
    session,
    [{ _name: 'getCase', idOrName: caseId }, { _name: 'tasks' }, whereAll({ title })],
    taskRow,
    'list the tasks of the case',
  );
  return rows.filter(({ status }) => status !== 'Cancel').map(taskOfRow);
}

export async function createTask(
  { transport, version }: Session,
  caseId: Id,
  task: Readonly<{ title: string; group: string; description: string }>,
): Promise<Task> {
  const path = version === 4 ? ['api', 'v1', 'task'] : ['api', 'v1', 'case', caseId, 'task'];
  const json = version === 4 ? { caseId, ...task } : task;
  const call = { method: 'POST', path, json, task: 'create the task of the report' } as const;
  return taskOfRow(await transport.json(call, taskRow));
}

/** TheHive 4 has no deletion of tasks, people cancel them; that hides them. */
export const removeTask = ({ transport, version }: Session, id: Id): Promise<void> =>
  transport.send({
    ...(version === 4
      ? { method: 'PATCH', json: { status: 'Cancel' } }
      : { method: 'DELETE' as const }),
    path: ['api', 'v1', 'task', id],
    task: 'remove a duplicate task that this run created',
  });

const taskOfRow = (row: z.infer<typeof taskRow>): Task => ({
  id: row._id,
  title: row.title,
  description: row.description ?? '',
  createdAt: row._createdAt,
});
