import { copyBack, copyLiteral } from './copies.ts';

/**
 * One block of Snappy's raw format: varint length of the text, then literals and copies.
 *
 * Our own because the npm decoders trust their input: a negative literal length makes the common one loop for ever.
 *
 * Source: google/snappy, format_description.txt.
 */

/** Decodes a block that must fill `into` exactly; false where it is malformed (`into` is then undefined). */
export function decodeSnappy(block: Uint8Array, into: Uint8Array): boolean {
  let at = lengthBytes(block);
  if (at === 0 || snappyLength(block) !== into.length) return false;

  let filled = 0;
  while (at < block.length) {
    const tag = block[at] ?? 0;
    at += 1;
    let count = (tag >>> 2) + 1;
    if ((tag & 3) === 0) {
      if (count > 60) {
        const width = count - 60;
        if (at + width > block.length) return false;
        count = unsigned(block, at, width) + 1;
        at += width;
      }
      if (count > block.length - at || count > into.length - filled) return false;
      copyLiteral(block, at, into, filled, count);
      at += count;
      filled += count;
      continue;
    }

    // The bytes are read as they come; what lies past the end is found below.
    let distance = block[at] ?? 0;
    if ((tag & 3) === 1) {
      distance += (tag >>> 5) << 8;
      count = ((tag >>> 2) & 7) + 4;
      at += 1;
    } else if ((tag & 3) === 2) {
      distance += (block[at + 1] ?? 0) << 8;
      at += 2;
    } else {
      distance = unsigned(block, at, 4);
      at += 4;
    }
    if (at > block.length) return false;
    if (distance === 0 || distance > filled || count > into.length - filled) return false;
    copyBack(into, filled, distance, count);
    filled += count;
  }
  return filled === into.length;
}

/** Length of the text that a block claims, from its first 5 bytes; -1 where that is no number of at most 32 bits. */
export function snappyLength(block: Uint8Array): number {
  const width = lengthBytes(block);
  let length = width === 0 ? -1 : 0;
  for (let index = 0; index < width; index += 1) {
    length += ((block[index] ?? 0) & 0x7f) * 2 ** (7 * index);
  }
  return length < 2 ** 32 ? length : -1;
}

/** Bytes of the varint at the start: 1 to 5, or 0 where there is none. */
function lengthBytes(block: Uint8Array): number {
  for (let index = 0; index < 5 && index < block.length; index += 1) {
    if ((block[index] ?? 0) < 0x80) return index + 1;
  }
  return 0;
}

function unsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = width - 1; index >= 0; index -= 1)
    value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
