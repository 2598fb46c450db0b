import { copyBack, copyLiteral } from './copies.ts';

/**
 * One block of LZO1X, the form that makedumpfile and QEMU write. Written from the description of the stream, because the
 * reference library and its ports are GPL.
 *
 * An instruction byte says how far back and how long a match is; its two low bits (or those of the distance) say how many
 * literals follow: the state, 0 to 3; 4 stands for "a run of literals came before".
 *
 * Source: Linux, Documentation/staging/lzo.rst, "Byte sequences".
 */

/** Decodes a block that must fill `into` exactly; false where it is malformed (`into` is then undefined). */
export function decodeLzo(block: Uint8Array, into: Uint8Array): boolean {
  let at = 0;
  let filled = 0;
  let state = 0;
  // How many literals come next.
  let literals = 0;

  const first = block[0] ?? 0;
  if (first > 17) {
    at = 1;
    literals = first - 17;
    state = Math.min(literals, 4);
  }

  for (;;) {
    // No closures over these variables: they would make the loop three times as slow.
    if (literals > 0) {
      if (literals > block.length - at || literals > into.length - filled) return false;
      copyLiteral(block, at, into, filled, literals);
      at += literals;
      filled += literals;
      literals = 0;
    }
    if (at >= block.length) return false;
    const code = block[at] ?? 0;
    at += 1;

    if (code < 16 && state === 0) {
      literals = code + 3;
      if (code === 0) {
        const end = nonZero(block, at);
        literals = 18 + (end - at) * 255 + (block[end] ?? 0);
        at = end + 1;
      }
      state = 4;
      continue;
    }

    let length: number;
    let distance: number;
    let tail = code;
    if (code >= 64) {
      length = (code >>> 5) + 1;
      distance = ((block[at] ?? 0) << 3) + ((code >>> 2) & 7) + 1;
      at += 1;
    } else if (code >= 16) {
      const isNear = code >= 32;
      const mask = isNear ? 31 : 7;
      length = 2 + (code & mask);
      if ((code & mask) === 0) {
        const end = nonZero(block, at);
        length = 2 + mask + (end - at) * 255 + (block[end] ?? 0);
        at = end + 1;
      }
      tail = block[at] ?? 0;
      const low = (((block[at + 1] ?? 0) << 8) | tail) >>> 2;
      at += 2;
      distance = isNear ? low + 1 : 16384 + ((code & 8) << 11) + low;
      // The far form with distance 0 ends the stream.
      if (distance === 16384 && !isNear) return filled === into.length && at <= block.length;
    } else {
      length = state === 4 ? 3 : 2;
      distance = ((block[at] ?? 0) << 2) + (code >>> 2) + (state === 4 ? 2049 : 1);
      at += 1;
    }

    if (at > block.length || distance > filled || length > into.length - filled) return false;
    copyBack(into, filled, distance, length);
    filled += length;
    state = tail & 3;
    literals = state;
  }
}

/** Index of the next byte that is not zero: a length that does not fit its bits has 255 for each zero byte before. */
function nonZero(block: Uint8Array, from: number): number {
  let at = from;
  while (block[at] === 0) at += 1;
  return at;
}
