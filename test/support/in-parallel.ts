/** Runs something for each item, several at once: for what mostly waits. The results are in the items' order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...items.entries()];
  const one = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [place, item] = next;
      results[place] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return results;
}
