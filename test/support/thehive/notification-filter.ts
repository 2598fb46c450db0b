import * as z from 'zod';
import type { Store, StoredEvent } from './store.ts';

type Fields = Readonly<Record<string, unknown>>;
type Operator = (operand: unknown, fields: Fields) => boolean;

/**
 * Whether a notification's filter lets an event through. TheHive 4 looks at the event alone, whose `details` are JSON as text;
 * TheHive 5 at what it is about too.
 *
 * @throws Error for an operator that the version does not have
 */
export function isLetThrough(
  filter: unknown,
  event: StoredEvent,
  store: Store,
  version: 4 | 5,
): boolean {
  const { action, objectType, objectId, details } = event;
  if (version === 4) {
    const fields = { action, objectType, objectId, details: JSON.stringify(details) };
    return matches(filter, fields, IN_4);
  }
  const object = store.observables.get(objectId) ?? store.cases.get(objectId) ?? {};
  const ofObject = Object.entries(object).map(([name, value]) => [`object.${name}`, value]);
  return matches(filter, { action, objectType, ...Object.fromEntries(ofObject) }, IN_5);
}

/** A filter is an object of one operator. */
function matches(
  filter: unknown,
  fields: Fields,
  operators: Readonly<Record<string, Operator>>,
): boolean {
  const entries = Object.entries(z.record(z.string(), z.unknown()).parse(filter));
  const [[name, operand] = ['nothing', null]] = entries;
  if (entries.length !== 1) throw new Error(`${entries.length} operators at once`);
  const inner = (part: unknown): boolean => matches(part, fields, operators);
  if (name === '_and') return z.array(z.unknown()).parse(operand).every(inner);
  if (name === '_not') return !inner(operand);
  const operator = operators[name];
  if (!operator) throw new Error(`no operator ${name}`);
  return operator(operand, fields);
}

const texts = z.record(z.string(), z.string());
const IN_4: Readonly<Record<string, Operator>> = {
  _is: (operand, fields) =>
    Object.entries(texts.parse(operand)).every(([name, value]) => fields[name] === value),
  _contains: (operand, fields) =>
    Object.entries(texts.parse(operand)).every(([name, part]) =>
      String(fields[name]).includes(part),
    ),
};

const one = z.strictObject({ _field: z.string(), _value: z.string() });
const several = z.strictObject({ _field: z.string(), _values: z.array(z.string()) });
const IN_5: Readonly<Record<string, Operator>> = {
  _eq: (operand, fields) => {
    const { _field: name, _value: value } = one.parse(operand);
    return fields[name] === value;
  },
  _in: (operand, fields) => {
    const { _field: name, _values: values } = several.parse(operand);
    return [fields[name]].flat().some((value) => values.some((wanted) => wanted === value));
  },
};
