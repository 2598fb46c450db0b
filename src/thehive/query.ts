import * as z from 'zod';
import type { Session } from './session.ts';
import type { Id } from './thehive.ts';

/** A step of the query API; the first finds something, the next go on from it. */
export type Step = Readonly<Record<string, unknown>> & { readonly _name: string };

const PAGE_ROWS = 500;
/** A row deleted before the page shifts the rest; rows asked for twice make up for as many deletions between two pages. */
const OVERLAP_ROWS = 20;
/** 100,000 rows: beyond any case that people look at. */
const MOST_PAGES = 208;

/**
 * All rows of a query, oldest first, each once.
 *
 * Source: TheHive 4.1 ScalliGraph query package; `to` is exclusive; `_is` is the equality that both versions have.
 */
export async function queryAll<Row extends { readonly _id: Id }>(
  { transport }: Session,
  steps: readonly Step[],
  row: z.ZodType<Row>,
  task: string,
): Promise<Row[]> {
  const byId = new Map<Id, Row>();
  const schema = z.array(row);
  let from = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = [
      ...steps,
      { _name: 'sort', _fields: [{ _createdAt: 'asc' }] },
      { _name: 'page', from, to: from + PAGE_ROWS },
    ];
    const rows = await transport.json(
      {
        method: 'POST',
        path: ['api', 'v1', 'query'],
        query: { name: 'ip2process' },
        json: { query },
        task,
        repeatable: true,
      },
      schema,
    );
    for (const found of rows) byId.set(found._id, found);
    if (rows.length < PAGE_ROWS) break;
    from += PAGE_ROWS - OVERLAP_ROWS;
  }
  return [...byId.values()];
}

/** Rows of which all the fields have the values. */
export const whereAll = (values: Readonly<Record<string, string>>): Step => ({
  _name: 'filter',
  _and: Object.entries(values).map(([field, value]) => ({ _is: { _field: field, _value: value } })),
});
