import * as z from 'zod';
import { forTerminal } from '../report/text-safety.ts';
import { fault } from './fault.ts';
import type { Session } from './session.ts';
import type { Case, Id } from './thehive.ts';

/** TheHive 4: `status` Open, Resolved, Duplicated, Deleted. TheHive 5: any status, and `stage` New, InProgress, Imported, Closed. */
export const caseRow = z.object({
  _id: z.string(),
  number: z.number(),
  title: z.string(),
  tags: z.array(z.string()).default([]),
  tlp: z.number().default(2),
  pap: z.number().default(2),
  status: z.string().default('Open'),
  stage: z.string().nullish(),
});

const CLOSED = new Set(['Resolved', 'Duplicated', 'Deleted', 'Closed']);

/** @param idOrNumber "~24680", or "57" as people say it */
export async function getCase({ transport }: Session, idOrNumber: string): Promise<Case> {
  const row = await transport.json(
    {
      method: 'GET',
      path: ['api', 'v1', 'case', idOrNumber],
      task: `read case "${forTerminal(idOrNumber, 64)}"`,
    },
    caseRow,
  );
  return caseOfRow(row);
}

/** The case that an observable stands in. @throws TheHiveError 'missing' also for an alert's observable */
export async function caseOfObservable(session: Session, observable: Id): Promise<Case> {
  const path = ['api', 'v1', 'query'];
  const task = `find the case of observable "${forTerminal(observable, 64)}"`;
  const query = [
    { _name: 'getObservable', idOrName: observable },
    { _name: 'case' },
    { _name: 'page', from: 0, to: 1 },
  ];
  const { transport } = session;
  const [row] = await transport.json(
    {
      method: 'POST',
      path,
      query: { name: 'ip2process' },
      json: { query },
      task,
      repeatable: true,
    },
    z.array(caseRow),
  );
  if (!row) {
    throw fault(
      'missing',
      'it stands in no case that the account sees',
      { task, path },
      transport.connection,
    );
  }
  return caseOfRow(row);
}

const caseOfRow = (row: z.infer<typeof caseRow>): Case => ({
  id: row._id,
  number: row.number,
  title: row.title,
  tags: row.tags,
  tlp: row.tlp,
  pap: row.pap,
  isClosed: row.stage ? row.stage === 'Closed' : CLOSED.has(row.status),
});
