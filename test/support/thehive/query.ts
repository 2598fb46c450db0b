import * as z from 'zod';
import { badRequest, notFound, type Answer } from './answer.ts';
import type { Store } from './store.ts';
import { caseView, fileView, logView, observableView, pageView, taskView } from './views.ts';

type Row = Readonly<Record<string, unknown>>;

/** `POST /api/v1/query`, refusing what the version does not know (H3). */
export function answerQuery(
  store: Store,
  organisation: string,
  version: 4 | 5,
  body: unknown,
): Answer {
  const { query } = parse(
    z.strictObject({ query: z.array(z.looseObject({ _name: z.string() })).min(1) }),
    body,
  );
  let rows: Row[] | null = null;
  let isSorted = false;
  let isPaged = false;
  let total = 0;
  let headers: Record<string, string> = {};

  for (const [index, step] of query.entries()) {
    if (isPaged) throw badRequest(`nothing can follow the page, not ${step._name}`);
    if (index === 0) rows = first(step);
    else if (step._name === 'filter') {
      const { _name, ...filter } = step;
      rows = some(rows).filter((row) => matches(row, filter, version));
    } else if (step._name === 'sort') {
      const { _fields } = parse(
        z.strictObject({
          _name: z.string(),
          _fields: z.array(z.record(z.string(), z.enum(['asc', 'desc']))),
        }),
        step,
      );
      rows = sorted(some(rows), _fields);
      isSorted = true;
    } else if (step._name === 'page') {
      const page = parse(
        z.strictObject({
          _name: z.string(),
          from: z.number().int().min(0),
          to: z.number().int(),
          extraData: z.array(z.string()).optional(),
        }),
        step,
      );
      const all: Row[] = isSorted ? some(rows) : shuffled(some(rows));
      total = all.length;
      if (page.extraData?.includes('total')) headers = { 'X-Total': String(total) };
      rows = all.slice(page.from, page.to);
      isPaged = true;
    } else rows = next(step._name, some(rows));
  }
  if (!isPaged) throw badRequest('a page is missing: the answer would have no bounds');
  return { status: 200, body: rows ?? [], headers };

  function first(step: Row & { readonly _name: string }): Row[] {
    const { idOrName } = parse(z.strictObject({ _name: z.string(), idOrName: z.string() }), step);
    if (step._name === 'getCase') {
      const found = [...store.cases.values()].find(
        (one) => one._id === idOrName || String(one.number) === idOrName,
      );
      return found && visible(found._id) ? [caseView(found, version)] : [];
    }
    if (step._name === 'getObservable') {
      const found = store.observables.get(idOrName);
      return found && visible(found.caseId) ? [observableView(found, version)] : [];
    }
    if (step._name === 'getTask') {
      const found = store.tasks.get(idOrName);
      return found && visible(found.caseId) ? [taskView(found)] : [];
    }
    throw badRequest(`unknown query ${step._name}`);
  }

  function visible(caseId: string): boolean {
    return store.cases.get(caseId)?.organisation === organisation;
  }

  function next(name: string, from: readonly Row[]): Row[] {
    const ids = new Set(from.map(({ _id }) => _id));
    const type = from[0]?.['_type'];
    if (from.length === 0) return [];
    if (type === 'Case' && name === 'observables') {
      return [...store.observables.values()]
        .filter(({ caseId }) => ids.has(caseId))
        .map((one) => observableView(one, version));
    }
    if (type === 'Case' && name === 'tasks') {
      return [...store.tasks.values()].filter(({ caseId }) => ids.has(caseId)).map(taskView);
    }
    if (type === 'Observable' && name === 'case') {
      const of = store.observables.get(String(from[0]?.['_id']));
      const found = of && store.cases.get(of.caseId);
      if (!found) throw notFound('Case');
      return [caseView(found, version)];
    }
    if (type === 'Task' && name === 'logs') {
      return [...store.logs.values()]
        .filter(({ taskId }) => ids.has(taskId))
        .map((one) => logView(one, version));
    }
    if (version === 5 && type === 'Case' && name === 'pages') {
      return [...store.pages.values()].filter(({ caseId }) => ids.has(caseId)).map(pageView);
    }
    if (version === 5 && type === 'Case' && name === 'attachments') {
      return [...store.cases.values()]
        .filter(({ _id }) => ids.has(_id))
        .flatMap(({ attachments }) => attachments.map((file) => fileView(file, version)));
    }
    throw badRequest(`unknown step ${name} on ${String(type)}`);
  }

  function some(given: Row[] | null): Row[] {
    if (!given) throw badRequest('the query begins with nothing');
    return given;
  }
}

/** Fields by which TheHive can filter; others are refused. */
const FIELDS = new Set(
  '_id _createdAt _createdBy dataType data tags message tlp ioc sighted title status group number attachment.name attachment.size attachment.hashes attachment.contentType'.split(
    ' ',
  ),
);
const ONLY_IN_5 = new Set(['_eq', '_has', '_match']);
const condition = z.strictObject({ _field: z.string(), _value: z.unknown() });

function matches(row: Row, filter: Row, version: 4 | 5): boolean {
  const entries = Object.entries(filter);
  const [entry] = entries;
  if (entries.length !== 1 || !entry) throw badRequest('a filter has exactly one operator');
  const [operator, operand] = entry;
  if (operator === '_and' || operator === '_or') {
    const parts = parse(z.array(z.looseObject({})), operand);
    const of = (part: Row): boolean => matches(row, part, version);
    return operator === '_and' ? parts.every(of) : parts.some(of);
  }
  if (operator === '_not') return !matches(row, parse(z.looseObject({}), operand), version);
  if (operator === '_is' || (operator === '_eq' && version === 5)) {
    const { _field, _value } = parse(condition, operand);
    if (!FIELDS.has(_field)) throw badRequest(`unknown field ${_field}`);
    const value = _field
      .split('.')
      .reduce<unknown>((of, key) => (isRow(of) ? of[key] : undefined), row);
    return Array.isArray(value) ? value.includes(_value) : value === _value;
  }
  const where = ONLY_IN_5.has(operator) ? `TheHive ${version}` : 'this stand-in';
  throw badRequest(`${operator} is not an operator of ${where}`);
}

function sorted(rows: readonly Row[], fields: readonly Readonly<Record<string, string>>[]): Row[] {
  const [field] = fields.flatMap((one) => Object.entries(one));
  if (!field) throw badRequest('a sort needs a field');
  const [name, order] = field;
  const sign = order === 'asc' ? 1 : -1;
  return rows.toSorted((one, other) => sign * (Number(one[name]) - Number(other[name])));
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

/** As a database gives them when nobody asked for an order. */
function shuffled(rows: readonly Row[]): Row[] {
  const copy = [...rows];
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const swapped = Math.floor(Math.random() * (at + 1));
    const [one, other] = [copy[at], copy[swapped]];
    if (one && other) [copy[at], copy[swapped]] = [other, one];
  }
  return copy;
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw badRequest(result.error.message);
  return result.data;
}
