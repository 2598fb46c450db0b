import { notFound, notPermitted, type Answer } from './answer.ts';
import type { Store, StoredAccount, StoredCase, StoredObservable } from './store.ts';

/** A request after authentication. */
export interface Asked {
  readonly store: Store;
  readonly version: 4 | 5;
  readonly account: StoredAccount;
  readonly organisation: string;
  /** Path segments after the base, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly json: unknown;
  readonly form: FormData | null;
  readonly range: string | null;
  readonly settings: Settings;
}

export interface Settings {
  /** TheHive 5: whether downloads know `Range`; unknown of the real one. */
  readonly hasRanges: boolean;
  readonly zipPassword: string;
  /** TheHive 5: data types compare without case. */
  readonly ignoresCase: boolean;
  /** A create does not see what was created in the last so many creates: two at once both succeed. */
  readonly blindCreates: number;
}

export function remove(
  asked: Asked,
  objectType: 'Task' | 'Log' | 'Page' | 'Observable',
  from: Map<string, unknown>,
  id: string,
  permission: string,
): Answer {
  if (!from.has(id)) throw notFound(objectType);
  need(asked, permission);
  from.delete(id);
  asked.store.events.push({ action: 'delete', objectType, objectId: id, details: {} });
  return { status: 204 };
}

export const isNamed = (one: StoredCase, idOrNumber: string): boolean =>
  one._id === idOrNumber || String(one.number) === idOrNumber;

export function caseOf({ store, organisation }: Asked, idOrNumber: string): StoredCase {
  const found = [...store.cases.values()].find((one) => isNamed(one, idOrNumber));
  if (found?.organisation !== organisation) throw notFound('Case');
  return found;
}

export function observableOf({ store, organisation }: Asked, id: string): StoredObservable {
  const found = store.observables.get(id);
  if (!found || store.cases.get(found.caseId)?.organisation !== organisation)
    throw notFound('Observable');
  return found;
}

export function need({ account }: Asked, permission: string): void {
  if (!account.permissions.includes(permission)) throw notPermitted();
}
