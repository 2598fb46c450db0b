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
  return addressesIn(bytes.subarray(0, held)).size > MANY;
}

/** Digits and dots, as many as an address can have. */
const FEWEST_CHARACTERS = 7;
const MOST_CHARACTERS = 15;
const ADDRESS = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Everything of digits and dots that is an address as a whole. UTF-16 text reads as ASCII without its zero bytes. */
function addressesIn(bytes: Uint8Array): ReadonlySet<string> {
  const found = new Set<string>();
  const run = Buffer.alloc(MOST_CHARACTERS);
  let length = 0;
  for (let at = 0; at <= bytes.length; at += 1) {
    const byte = bytes[at] ?? SPACE;
    if (byte === 0) continue;
    if (byte === DOT || (byte >= DIGIT_0 && byte <= DIGIT_9)) {
      if (length < MOST_CHARACTERS) run[length] = byte;
      length += 1;
      continue;
    }
    if (length >= FEWEST_CHARACTERS && length <= MOST_CHARACTERS) {
      const text = run.toString('latin1', 0, length);
      if (ADDRESS.test(text)) found.add(text);
    }
    length = 0;
  }
  return found;
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
  return byte >= DIGIT_0 && byte <= DIGIT_9;
}

const SPACE = 0x20;
const DOT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
