import * as z from 'zod';
import { queryAll } from './query.ts';
import type { Session } from './session.ts';
import type { Id } from './thehive.ts';

/** A page of a case: TheHive 5 only. */
export interface Page {
  readonly id: Id;
  readonly title: string;
  /** Markdown, at most 1,048,576 characters. */
  readonly content: string;
  readonly createdAt: number;
}

const pageRow = z.object({
  _id: z.string(),
  _createdAt: z.number().default(0),
  title: z.string(),
  content: z.string().default(''),
});

/** The filter is ours: which fields of a page its server can filter by is not documented. */
export async function findPages(session: Session, caseId: Id, title: string): Promise<Page[]> {
  const rows = await queryAll(
    session,
    [{ _name: 'getCase', idOrName: caseId }, { _name: 'pages' }],
    pageRow,
    'list the pages of the case',
  );
  return rows.filter((row) => row.title === title).map(pageOfRow);
}

export async function createPage(
  { transport }: Session,
  caseId: Id,
  page: Readonly<{ title: string; content: string; category: string }>,
): Promise<Page> {
  const call = {
    method: 'POST',
    path: ['api', 'v1', 'case', caseId, 'page'],
    json: page,
    task: 'add the page with the report',
  } as const;
  return pageOfRow(await transport.json(call, pageRow));
}

export const updatePage = (
  { transport }: Session,
  caseId: Id,
  id: Id,
  content: string,
): Promise<void> =>
  transport.send({
    method: 'PATCH',
    path: ['api', 'v1', 'case', caseId, 'page', id],
    json: { content },
    task: 'bring the page with the report up to date',
    repeatable: true,
  });

export const deletePage = ({ transport }: Session, caseId: Id, id: Id): Promise<void> =>
  transport.send({
    method: 'DELETE',
    path: ['api', 'v1', 'case', caseId, 'page', id],
    task: 'remove a duplicate page that this run created',
  });

const pageOfRow = (row: z.infer<typeof pageRow>): Page => ({
  id: row._id,
  title: row.title,
  content: row.content,
  createdAt: row._createdAt,
});
