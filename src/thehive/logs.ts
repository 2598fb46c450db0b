import * as z from 'zod';
import { queryAll } from './query.ts';
import type { Session } from './session.ts';
import type { Id } from './thehive.ts';

export interface Log {
  readonly id: Id;
  /** Markdown. */
  readonly message: string;
  readonly createdAt: number;
}

/** A small file that goes with a log. */
export interface LogFile {
  readonly name: string;
  readonly contentType: string;
  readonly text: string;
}

const logRow = z.object({ _id: z.string(), _createdAt: z.number(), message: z.string() });

export async function listLogs(session: Session, task: Id): Promise<Log[]> {
  const rows = await queryAll(
    session,
    [{ _name: 'getTask', idOrName: task }, { _name: 'logs' }],
    logRow,
    'list the logs of the task',
  );
  return rows.map(logOfRow);
}

/** TheHive 4 takes one file for a log, under another name than TheHive 5. */
export async function createLog(
  { transport, version }: Session,
  task: Id,
  message: string,
  files: readonly LogFile[],
): Promise<Log> {
  const form = new FormData();
  form.append('_json', JSON.stringify({ message }));
  const taken = version === 4 ? files.slice(0, 1) : files;
  for (const { name, contentType, text } of taken) {
    form.append(
      version === 4 ? 'attachment' : 'attachments',
      new Blob([text], { type: contentType }),
      name,
    );
  }
  const call = {
    method: 'POST',
    path: ['api', 'v1', 'task', task, 'log'],
    ...(files.length > 0 ? { form } : { json: { message } }),
    task: 'add the report to its task',
  } as const;
  return logOfRow(await transport.json(call, logRow));
}

export const updateLog = ({ transport }: Session, id: Id, message: string): Promise<void> =>
  transport.send({
    method: 'PATCH',
    path: ['api', 'v1', 'log', id],
    json: { message },
    task: 'bring the report in its task up to date',
    repeatable: true,
  });

export const deleteLog = ({ transport }: Session, id: Id): Promise<void> =>
  transport.send({
    method: 'DELETE',
    path: ['api', 'v1', 'log', id],
    task: 'remove a duplicate log that this run created',
  });

const logOfRow = ({ _id, _createdAt, message }: z.infer<typeof logRow>): Log => ({
  id: _id,
  message,
  createdAt: _createdAt,
});
