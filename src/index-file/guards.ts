/**
 * Guards for what is read from an index file: as zod's schemas, which take as long to load as a question to an index takes, so
 * that nothing of them is loaded with it.
 */
export type Guard<Value> = (value: unknown) => value is Value;
/** What passes a guard. */
export type Guarded<Of> = Of extends Guard<infer Value> ? Value : never;

export const integer =
  (least: number, most: number): Guard<number> =>
  (value): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

export const text =
  (most: number): Guard<string> =>
  (value): value is string =>
    typeof value === 'string' && value.length <= most;

export const matching =
  (pattern: RegExp): Guard<string> =>
  (value): value is string =>
    typeof value === 'string' && pattern.test(value);

export const oneOf =
  <const Value>(...values: readonly Value[]): Guard<Value> =>
  (value): value is Value =>
    values.some((one) => one === value);

export const nullOr =
  <Value>(guard: Guard<Value>): Guard<Value | null> =>
  (value): value is Value | null =>
    value === null || guard(value);

export const list =
  <Value>(guard: Guard<Value>, most = Infinity): Guard<Value[]> =>
  (value): value is Value[] =>
    Array.isArray(value) && value.length <= most && value.every(guard);

/** A list of just these. */
export const tuple =
  <const Values extends readonly unknown[]>(
    ...guards: { readonly [Place in keyof Values]: Guard<Values[Place]> }
  ): Guard<Values> =>
  (value): value is Values =>
    Array.isArray(value) &&
    value.length === guards.length &&
    guards.every((guard, place) => guard(value[place]));

/** An object with any names of so many characters at most. */
export const byName =
  <Value>(most: number, guard: Guard<Value>): Guard<Record<string, Value>> =>
  (value): value is Record<string, Value> =>
    isPlain(value) &&
    Object.entries(value).every(([name, one]) => name.length <= most && guard(one));

/** An object with just these properties. */
export const object =
  <Value extends object>(guards: {
    readonly [Name in keyof Value]: Guard<Value[Name]>;
  }): Guard<Value> =>
  (value): value is Value => {
    const wanted = Object.entries<Guard<unknown>>(guards);
    if (!isPlain(value) || Object.keys(value).length !== wanted.length) return false;
    const held = new Map<string, unknown>(Object.entries(value));
    return wanted.every(([name, guard]) => held.has(name) && guard(held.get(name)));
  };

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
