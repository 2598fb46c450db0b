import type { Structures } from '../structures.ts';

/** Longest path of NT, in bytes. */
const MOST_BYTES = 65_534;

/**
 * UNICODE_STRING: length in bytes u16 | room u16 | (pad) | address of UTF-16LE text. Null where it is none, or its text
 * is not in the image.
 *
 * @param base - added to the text's address: parameters of a process that never ran are relative to their block
 */
export function unicodeString(structures: Structures, at: bigint, base = 0n): string | null {
  const length = structures.u16(at);
  const room = structures.u16(at, 2);
  const text = structures.pointer(at, 8);
  if (length === 0 || length % 2 !== 0 || length > room || length > MOST_BYTES) return null;
  const bytes = structures.bytes(text < 0x1_0000n ? base + text : text, length);
  return bytes.length === length ? bytes.toString('utf16le').split('\0', 1)[0] || null : null;
}
