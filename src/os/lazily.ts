/** What is made when it is first asked for, and then kept; where making it throws, it is made anew each time. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
