import { CLASS_BITS, LETTERS, slotOf } from '../../src/index-file/signature.ts';

/** A page's class and the bits of its signature, said simply; null where it is zero. */
export function naiveSignature(page: Uint8Array): { kind: number; slots: Set<number> } | null {
  if (page.every((byte) => byte === 0)) return null;
  const slots = (kind: number): Set<number> => {
    const set = new Set<number>();
    for (let at = 0; at + 1 < page.length; at += 1) {
      const [first = 0, next = 0, third = 0] = page.subarray(at, at + 3);
      set.add(slotOf(first | (next << 8), CLASS_BITS[kind] ?? 0));
      if (first === 0 || next !== 0 || third === 0) continue;
      set.add(slotOf(LETTERS | first | (third << 8), CLASS_BITS[kind] ?? 0));
    }
    return set;
  };
  let kind = 0;
  while (
    kind + 1 < CLASS_BITS.length &&
    slots(kind + 1).size * 10 <= (CLASS_BITS[kind + 1] ?? 0) * 2
  ) {
    kind += 1;
  }
  return { kind, slots: slots(kind) };
}
