import type { Id } from './thehive.ts';

interface Dated {
  readonly id: Id;
  readonly createdAt: number;
}

/** The first created; of two in one millisecond the lower identifier, which both writers see alike. */
export const oldest = <Item extends Dated>(items: readonly Item[]): Item | undefined =>
  items.toSorted(
    (one, other) =>
      one.createdAt - other.createdAt ||
      one.id.length - other.id.length ||
      (one.id < other.id ? -1 : 1),
  )[0];

/**
 * Two runs that looked at the same time both found nothing, and both created. Each looks again and removes what it created
 * itself unless that is the oldest, so one remains.
 *
 * @param again all that now stand there and are the same thing
 * @returns the one to go on with, and whether it is ours
 */
export async function keepOldest<Item extends Dated>(
  created: Item,
  again: () => Promise<readonly Item[]>,
  remove: (id: Id) => Promise<void>,
): Promise<{ readonly kept: Item; readonly isOurs: boolean }> {
  const first = oldest(await again()) ?? created;
  if (first.id === created.id) return { kept: created, isOurs: true };
  await remove(created.id);
  return { kept: first, isOurs: false };
}
