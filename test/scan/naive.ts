import type { Literal } from '../../src/scan/literal.ts';

/** Does the literal stand at `at`? The definition, as slow and plain as can be. */
export function stands({ bytes, ignoresCase }: Literal, text: Uint8Array, at: number): boolean {
  if (at + bytes.length > text.length) return false;
  return bytes.every((wanted, index) => {
    const byte = text[at + index] ?? 0;
    const isCapital = byte >= 65 && byte <= 90;
    return (ignoresCase && isCapital ? byte + 32 : byte) === wanted;
  });
}

/** Every occurrence of every literal that begins in [from, until) and ends at or before `end`: "literal@place", sorted. */
export function occurrences(
  literals: readonly Literal[],
  text: Uint8Array,
  from: number,
  until: number,
  end: number,
): string[] {
  const found: string[] = [];
  for (const [number, literal] of literals.entries()) {
    for (let at = from; at < Math.min(until, end - literal.bytes.length + 1); at += 1) {
      if (stands(literal, text, at)) found.push(`${number}@${at}`);
    }
  }
  return found.toSorted();
}
