/**
 * Tells damage, not malice: 32 bits over words.
 *
 * @param from first word
 */
export function checksum(words: Uint32Array, from = 0, count = words.length - from): number {
  let sum = count;
  for (let at = from; at < from + count; at += 1) {
    sum = Math.imul(sum ^ (words[at] ?? 0), 0x9e3779b1);
    sum ^= sum >>> 15;
  }
  return sum >>> 0;
}

/** Of bytes, whose number is a multiple of four. */
export const checksumOf = (bytes: Uint8Array): number =>
  checksum(new Uint32Array(Uint8Array.from(bytes).buffer));
