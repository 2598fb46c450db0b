/** Numbers of the bits that are set, ascending. */
export function* members(set: Uint32Array): Generator<number> {
  for (let index = 0; index < set.length; index += 1) {
    for (let word = set[index] ?? 0; word !== 0; word &= word - 1) {
      yield index * 32 + 31 - Math.clz32(word & -word);
    }
  }
}

export const hasBit = (set: Uint32Array, number: number): boolean =>
  ((set[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;

export function setBit(set: Uint32Array, number: number): void {
  set[number >>> 5] = (set[number >>> 5] ?? 0) | (1 << (number & 31));
}
