import type { Engine } from '../engine/engine.ts';
import { virtual } from '../memory/address.ts';
import type { Occurrence, Owner } from './occurrence.ts';

/** Bytes on either side that are looked at, and how many other addresses in them make a list. */
const REACH = 2048;
const MANY = 16;

/**
 * Does the text stand among many other addresses: a block list, signatures, a connection log? Such a text is read, not
 * written to a peer.
 */
export function standsInList(engine: Engine, { length }: Occurrence, owner: Owner): boolean {
  const bytes = new Uint8Array(2 * REACH + length);
  const before = Number(owner.address % 4096n);
  let held = engine.read(owner.space, virtual(owner.address - BigInt(REACH)), bytes);
  if (held < REACH) {
    held = engine.read(owner.space, virtual(owner.address - BigInt(before)), bytes);
  }
  if (!holdsDots(bytes.subarray(0, held), (MANY + 1) * 3)) return false;
  // UTF-16 text reads as ASCII without its zero bytes.
  const text = Buffer.from(bytes.subarray(0, held)).toString('latin1').replaceAll('\0', '');
  const addresses = new Set(text.match(/(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])/g));
  return addresses.size > MANY;
}

/** Each address has three of its own between digits: most surroundings have too few, and need no closer look. */
function holdsDots(bytes: Uint8Array, count: number): boolean {
  let dots = 0;
  for (let at = bytes.indexOf(DOT); at >= 0 && dots < count; at = bytes.indexOf(DOT, at + 1)) {
    if (isDigitBeyond(bytes, at, -1) && isDigitBeyond(bytes, at, 1)) dots += 1;
  }
  return dots >= count;
}

/** The next byte that is not zero, in one direction, is a digit. */
function isDigitBeyond(bytes: Uint8Array, from: number, step: 1 | -1): boolean {
  let at = from + step;
  while (bytes[at] === 0) at += step;
  const byte = bytes[at] ?? 0;
  return byte >= 0x30 && byte <= 0x39;
}

const DOT = 0x2e;
