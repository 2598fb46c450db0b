import type { BytePattern } from '../indicator/pattern.ts';

/** Do the pattern's bytes stand at `at` of the window? */
export function holdsAt(
  { bytes, ignoresCase }: BytePattern,
  window: Uint8Array,
  at: number,
): boolean {
  if (at < 0 || at + bytes.length > window.length) return false;
  for (let index = 0; index < bytes.length; index += 1) {
    let byte = window[at + index] ?? 0;
    if (ignoresCase && byte >= 0x41 && byte <= 0x5a) byte += 0x20;
    if (byte !== bytes[index]) return false;
  }
  return true;
}
