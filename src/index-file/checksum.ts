/** So many sums at once, of every fourth word each: a processor's vector of them. */
const LANES = 4;
const FACTOR = 0x9e3779b1;

/**
 * Tells damage, not malice: 32 bits over words.
 *
 * @param from first word
 */
export function checksum(words: Uint32Array, from = 0, count = words.length - from): number {
  let [one, two, three, four] = [count, count, count, count];
  const end = from + count;
  const whole = end - (count % LANES);
  for (let at = from; at < whole; at += LANES) {
    one = mixed(one, words[at] ?? 0);
    two = mixed(two, words[at + 1] ?? 0);
    three = mixed(three, words[at + 2] ?? 0);
    four = mixed(four, words[at + 3] ?? 0);
  }
  let sum = mixed(mixed(mixed(mixed(count, one), two), three), four);
  for (let at = whole; at < end; at += 1) sum = mixed(sum, words[at] ?? 0);
  return sum >>> 0;
}

function mixed(sum: number, word: number): number {
  const product = Math.imul(sum ^ word, FACTOR);
  return product ^ (product >>> 15);
}

/** Of bytes, whose number is a multiple of four. */
export const checksumOf = (bytes: Uint8Array): number =>
  checksum(new Uint32Array(Uint8Array.from(bytes).buffer));
