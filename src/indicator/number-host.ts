import { FIRM, OPEN } from './boundary.ts';
import { charFrom, type Coding, hexValue, isLabelChar, isDigit, OUTSIDE } from './coded-text.ts';

/**
 * Reads an IPv4 host in hex, octal or mixed notation (`0x23b27a98`, `0x23.0xb2.0x7a.0x98`, `043.0262.0172.0230`)
 * from `start`: `-1` for no host of this address, else `end * 4 + Boundary`, one number so that nothing is allocated.
 *
 * Source: WHATWG URL, 3.5 "IPv4 parser", the rules of inet_aton(3).
 */
export function numberHostEnd(
  window: Uint8Array,
  start: number,
  coding: Coding,
  octets: Uint8Array,
): number {
  let at = start;
  for (let part = 0; part < 4; part += 1) {
    let radix = 10;
    let digits = 0;
    let value = 0;
    if (charFrom(window, at, coding) === ZERO) {
      const isHex = (charFrom(window, at + coding, coding) | 0x20) === SMALL_X;
      radix = isHex ? 16 : 8;
      at += isHex ? 2 * coding : coding;
      digits = 1;
    }
    for (; digits <= MAX_DIGITS; digits += 1) {
      const digit = hexValue(charFrom(window, at, coding));
      if (digit < 0 || digit >= radix) break;
      value = value * radix + digit;
      at += coding;
    }
    if (value > 0xffff_ffff || digits > MAX_DIGITS) return -1;

    const after = charFrom(window, at, coding);
    if (after === OUTSIDE) return at * 4 + OPEN;
    if (digits === 0) return -1;
    const further = after === DOT ? charFrom(window, at + coding, coding) : 0;
    if (further === OUTSIDE) return at * 4 + OPEN;
    if (!isDigit(further)) {
      // The last part fills all the octets that are left.
      const isAddress = value === valueFrom(octets, part);
      return isAddress && endsHost(after, further) ? at * 4 + FIRM : -1;
    }
    if (value !== octets[part]) return -1;
    at += coding;
  }
  return -1;
}

/** `@` would make it a user name, a letter another name. */
const endsHost = (after: number, further: number): boolean =>
  !isLabelChar(after) && after !== AT && !isLabelChar(further);

function valueFrom(octets: Uint8Array, first: number): number {
  let value = 0;
  for (let index = first; index < 4; index += 1) value = value * 256 + (octets[index] ?? 0);
  return value;
}

/** Longest part: eleven octal digits, and zeros before them that somebody padded with. */
const MAX_DIGITS = 16;

const DOT = 0x2e;
const ZERO = 0x30;
const AT = 0x40;
const SMALL_X = 0x78;
