/** Most literals are short: a loop beats the call into `set` up to about 32 bytes. */
export function copyLiteral(
  from: Uint8Array,
  at: number,
  into: Uint8Array,
  filled: number,
  count: number,
): void {
  if (count > 32) into.set(from.subarray(at, at + count), filled);
  else for (let index = 0; index < count; index += 1) into[filled + index] = from[at + index] ?? 0;
}

/** Repeats what stands `distance` bytes back; source and target may overlap, which repeats a short pattern. */
export function copyBack(into: Uint8Array, filled: number, distance: number, count: number): void {
  if (distance === 1) into.fill(into[filled - 1] ?? 0, filled, filled + count);
  else if (distance >= count && count > 32) {
    into.copyWithin(filled, filled - distance, filled - distance + count);
  } else {
    for (let index = filled; index < filled + count; index += 1) {
      into[index] = into[index - distance] ?? 0;
    }
  }
}
