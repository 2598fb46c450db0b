import * as z from 'zod';
import type { NewObservable } from './observables.ts';
import type { Session } from './session.ts';
import { TheHiveError } from './thehive-error.ts';

/** In every TheHive. */
export const FALLBACK_TYPE = 'other';

/** Those of the names that this TheHive has; the list is its admins'. */
export async function existingDataTypes(
  { transport }: Session,
  names: readonly string[],
): Promise<Set<string>> {
  const existing = new Set<string>();
  for (const name of new Set(names)) {
    const call = {
      method: 'GET',
      path: ['api', 'v1', 'observable', 'type', name],
      task: `look up the data type "${name}"`,
    } as const;
    try {
      await transport.json(call, z.object({ name: z.string() }));
      existing.add(name);
    } catch (error) {
      if (!(error instanceof TheHiveError && error.reason === 'missing')) throw error;
    }
  }
  return existing;
}

/** The observable as this TheHive can hold it: where its type is not there, `other` and a tag that says which it is. */
export const inExistingType = (
  observable: NewObservable,
  existing: ReadonlySet<string>,
): NewObservable =>
  existing.has(observable.dataType)
    ? observable
    : {
        ...observable,
        dataType: FALLBACK_TYPE,
        tags: [...observable.tags, `type:${observable.dataType}`],
      };
