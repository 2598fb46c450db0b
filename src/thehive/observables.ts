import * as z from 'zod';
import { forTerminal } from '../report/text-safety.ts';
import { attachmentOfRow, attachmentRow } from './attachments.ts';
import { fault } from './fault.ts';
import { queryAll, whereAll } from './query.ts';
import type { Session } from './session.ts';
import type { Id, Observable } from './thehive.ts';
import type { TheHiveReason } from './thehive-error.ts';

/** What both versions send; the rest is not needed. */
const observableRow = z.object({
  _id: z.string(),
  _createdBy: z.string(),
  _createdAt: z.number(),
  dataType: z.string(),
  data: z.string().nullish(),
  attachment: attachmentRow.nullish(),
  message: z.string().nullish(),
  tags: z.array(z.string()).default([]),
  tlp: z.number().default(2),
});

export interface NewObservable {
  readonly dataType: string;
  /** One line; TheHive 5 takes 4096 characters. */
  readonly data: string;
  readonly message: string;
  readonly tlp: number;
  /** Of 128 characters at most. */
  readonly tags: readonly string[];
}

/** Those of a case, oldest first; all, or those of one type and value. */
export async function listObservables(
  session: Session,
  caseId: Id,
  only: Readonly<{ dataType?: string; data?: string }> = {},
): Promise<Observable[]> {
  const filter = Object.keys(only).length > 0 ? [whereAll(only)] : [];
  const rows = await queryAll(
    session,
    [{ _name: 'getCase', idOrName: caseId }, { _name: 'observables' }, ...filter],
    observableRow,
    'list the observables of the case',
  );
  return rows.map(observableOfRow);
}

export async function getObservable({ transport }: Session, id: Id): Promise<Observable> {
  const task = `read observable "${forTerminal(id, 64)}"`;
  const call = { method: 'GET', path: ['api', 'v1', 'observable', id], task } as const;
  return observableOfRow(await transport.json(call, observableRow));
}

/** TheHive 4 answers 201 with a list, or 207 with this; TheHive 5 may give it under any good status. */
const partial = z.object({
  success: z.array(observableRow).default([]),
  failure: z.array(z.object({ type: z.string().default(''), message: z.string().default('') })),
});

/** Types of TheHive's errors inside a 207; the rest is 'refused'. */
const REASONS: Readonly<Record<string, TheHiveReason>> = {
  AuthorizationError: 'forbidden',
  NotFoundError: 'missing',
};

/** @returns the new one, or null where the case has it already */
export async function createObservable(
  { transport }: Session,
  caseId: Id,
  observable: NewObservable,
): Promise<Observable | null> {
  const call = {
    method: 'POST',
    path: ['api', 'v1', 'case', caseId, 'observable'],
    json: { ...observable, ioc: false },
    task: `add the observable "${forTerminal(observable.data, 80)}"`,
  } as const;
  const answer = await transport.json(call, z.union([z.array(observableRow), partial]));
  const { success, failure } = Array.isArray(answer) ? { success: answer, failure: [] } : answer;
  const [created] = success;
  if (created) return observableOfRow(created);
  const [failed] = failure;
  if (failed && /exist/i.test(failed.message)) return null;
  const reason = REASONS[failed?.type ?? ''] ?? 'refused';
  const why = failed ? `it says "${forTerminal(failed.message, 200)}"` : 'it created nothing';
  throw fault(reason, why, call, transport.connection, { dataType: observable.dataType });
}

export const deleteObservable = ({ transport }: Session, id: Id): Promise<void> =>
  transport.send({
    method: 'DELETE',
    path: ['api', 'v1', 'observable', id],
    task: 'remove a duplicate that this run created',
  });

const observableOfRow = (row: z.infer<typeof observableRow>): Observable => ({
  id: row._id,
  dataType: row.dataType,
  data: row.data ?? null,
  attachment: row.attachment
    ? attachmentOfRow(row.attachment, { kind: 'observable', id: row._id })
    : null,
  message: row.message ?? '',
  tags: row.tags,
  tlp: row.tlp,
  createdBy: row._createdBy,
  createdAt: row._createdAt,
});
