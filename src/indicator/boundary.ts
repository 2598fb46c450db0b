import {
  BYTES,
  charBefore,
  charFrom,
  type Coding,
  ESCAPES,
  hexValue,
  isDigit,
  isLabelChar,
  isLetter,
  OUTSIDE,
  spanBefore,
  spanFrom,
} from './coded-text.ts';

/**
 * Where a text may begin and end, so that it is the indicator and no part of another one. `OPEN`: the window ends
 * before the deciding bytes. A firm answer stays the same whatever follows; only then is it given.
 */
export const REJECTED = 0;
export const FIRM = 1;
export const OPEN = 2;
export type Boundary = typeof REJECTED | typeof FIRM | typeof OPEN;

/** No digit before, nor a digit and a dot: 135.178.122.152 and 5.35.178.122.152 are other texts. */
export function ipv4Before(window: Uint8Array, start: number, coding: Coding): Boundary {
  const char = charBefore(window, start, coding);
  if (char === OUTSIDE) return OPEN;
  if (isDigit(char)) return escapeBefore(window, start, coding);
  if (char !== DOT) return FIRM;
  const further = charBefore(window, start - spanBefore(window, start, coding), coding);
  if (further === OUTSIDE) return OPEN;
  return isDigit(further) ? REJECTED : FIRM;
}

/** No digit after, nor a dot and a digit. A dot alone ends a sentence, unless the whole is a reverse name. */
export function ipv4After(window: Uint8Array, end: number, coding: Coding): Boundary {
  const char = charFrom(window, end, coding);
  if (char === OUTSIDE) return OPEN;
  if (isDigit(char)) return REJECTED;
  if (char !== DOT) return FIRM;
  const further = charFrom(window, end + spanFrom(window, end, coding), coding);
  if (further === OUTSIDE) return OPEN;
  return isDigit(further) ? REJECTED : notReverseName(window, end, coding);
}

/** No label character before. A dot may stand there: the text is then the end of a longer name, a subdomain. */
export function domainBefore(
  window: Uint8Array,
  start: number,
  coding: Coding,
  length: number,
): Boundary {
  const char = charBefore(window, start, coding);
  if (char === OUTSIDE) return OPEN;
  if (!isLabelChar(char)) return FIRM;
  const escape = escapeBefore(window, start, coding);
  if (escape === FIRM || coding !== BYTES || char !== length) return escape;

  // A 16-bit length in network order looks like a letter where the name is long: TLS server names have one.
  const high = charBefore(window, start - 1, BYTES);
  if (high === OUTSIDE) return OPEN;
  return high === 0 ? FIRM : escape;
}

/** No label character after, nor a dot and one: evil.example.org does not hold evil.example. */
export function domainAfter(window: Uint8Array, end: number, coding: Coding): Boundary {
  const char = charFrom(window, end, coding);
  if (char === OUTSIDE) return OPEN;
  if (isLabelChar(char)) return REJECTED;
  if (char !== DOT) return FIRM;
  const further = charFrom(window, end + spanFrom(window, end, coding), coding);
  if (further === OUTSIDE) return OPEN;
  return isLabelChar(further) ? REJECTED : FIRM;
}

/** No letter or digit before the scheme. */
export function urlBefore(window: Uint8Array, start: number, coding: Coding): Boundary {
  const char = charBefore(window, start, coding);
  if (char === OUTSIDE) return OPEN;
  return isLetter(char) || isDigit(char) ? escapeBefore(window, start, coding) : FIRM;
}

/**
 * No character after that would make it a longer URL. Punctuation ends it unless the URL goes on behind; so does
 * one slash more. `&` ends a URL without a query: it stands in another URL's query then.
 */
export function urlAfter(
  window: Uint8Array,
  end: number,
  coding: Coding,
  hasQuery: boolean,
): Boundary {
  const char = charFrom(window, end, coding);
  if (char === OUTSIDE) return OPEN;
  if (char === AMPERSAND) return hasQuery ? REJECTED : FIRM;
  if (isLabelChar(char) || isOneOf(char, URL_GOES_ON)) return REJECTED;
  if (!isOneOf(char, MAY_END_URL)) return FIRM;
  const further = charFrom(window, end + spanFrom(window, end, coding), coding);
  if (further === OUTSIDE) return OPEN;
  const goesOn =
    isLabelChar(further) ||
    further === AMPERSAND ||
    isOneOf(further, URL_GOES_ON) ||
    isOneOf(further, MAY_END_URL);
  return goesOn ? REJECTED : FIRM;
}

/** A lone number is a host only directly behind `//` or `@`. */
export function numberBefore(window: Uint8Array, start: number, coding: Coding): Boundary {
  const char = charBefore(window, start, coding);
  if (char === OUTSIDE) return OPEN;
  if (char === AT) return FIRM;
  if (char !== SLASH) return REJECTED;
  const further = charBefore(window, start - spanBefore(window, start, coding), coding);
  if (further === OUTSIDE) return OPEN;
  return further === SLASH ? FIRM : REJECTED;
}

/**
 * A letter or digit before a text may be the end of an escape that stands for something else: `%22`, `\x22`,
 * `\u0022`, `\n`, `\r`, `\t`. Asked only about a character that would else be refused.
 */
export function escapeBefore(window: Uint8Array, start: number, coding: Coding): Boundary {
  if (coding === ESCAPES) return REJECTED; // Decoded already.
  const last = charBefore(window, start, coding);
  const second = charBefore(window, start - coding, coding);
  if (last === SMALL_N || last === SMALL_R || last === SMALL_T) return is(second, BACKSLASH);
  if (hexValue(last) < 0) return REJECTED;
  if (hexValue(second) < 0) return second === OUTSIDE ? OPEN : REJECTED;

  const third = charBefore(window, start - 2 * coding, coding);
  if (third === PERCENT) return FIRM;
  if (third === SMALL_X) return is(charBefore(window, start - 3 * coding, coding), BACKSLASH);
  if (hexValue(third) < 0) return third === OUTSIDE ? OPEN : REJECTED;
  const fourth = charBefore(window, start - 3 * coding, coding);
  if (hexValue(fourth) < 0) return fourth === OUTSIDE ? OPEN : REJECTED;
  const fifth = charBefore(window, start - 4 * coding, coding);
  if (fifth !== SMALL_U) return fifth === OUTSIDE ? OPEN : REJECTED;
  return is(charBefore(window, start - 5 * coding, coding), BACKSLASH);
}

/** `.in-addr.arpa` behind it makes it the name of the address written backwards. */
function notReverseName(window: Uint8Array, dot: number, coding: Coding): Boundary {
  let at = dot;
  for (let index = 0; index < IN_ADDR.length; index += 1) {
    const char = charFrom(window, at, coding);
    if (char === OUTSIDE) return OPEN;
    const small = isLetter(char) ? char | 0x20 : char;
    if (small !== IN_ADDR.charCodeAt(index)) return FIRM;
    at += spanFrom(window, at, coding);
  }
  return REJECTED;
}

const is = (char: number, wanted: number): Boundary =>
  char === OUTSIDE ? OPEN : char === wanted ? FIRM : REJECTED;

function isOneOf(char: number, chars: string): boolean {
  for (let index = 0; index < chars.length; index += 1) {
    if (chars.charCodeAt(index) === char) return true;
  }
  return false;
}

const IN_ADDR = '.in-addr.arpa';
const URL_GOES_ON = '~%=+@$*';
const MAY_END_URL = '.:!?/';
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const DOT = 0x2e;
const SLASH = 0x2f;
const AT = 0x40;
const BACKSLASH = 0x5c;
const SMALL_N = 0x6e;
const SMALL_R = 0x72;
const SMALL_T = 0x74;
const SMALL_U = 0x75;
const SMALL_X = 0x78;
