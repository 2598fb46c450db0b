import {
  charBefore,
  charFrom,
  type Coding,
  ESCAPES,
  hexValue,
  isDigit,
  isLabelChar,
  OUTSIDE,
  spanBefore,
  spanFrom,
} from './coded-text.ts';
import type { Indicator } from './indicator.ts';
import type { Recognition } from './pattern.ts';

/** The longest text of an address, 45 characters in UTF-16, or 39 with escaped colons, and a few dots around it. */
const MAX_REACH_BYTES = 96;

/**
 * The whole IPv6 text around a run of its digits (`length` bytes at `at`), if it is the address: any spelling of
 * RFC 4291, 2.2. For an IPv4 indicator the IPv4-mapped address; its text with a dotted quad is refused, for the quad
 * itself is the hit there. Where the window ends inside the text, it is open on that side and not compared.
 */
export function recogniseIpv6(
  { octets }: Indicator,
  window: Uint8Array,
  at: number,
  length: number,
  coding: Coding,
): Recognition | null {
  if (octets === null) return null;
  let start = at;
  let before = charBefore(window, start, coding);
  for (; isTokenChar(before); before = charBefore(window, start, coding)) {
    start -= spanBefore(window, start, coding);
    if (at - start > MAX_REACH_BYTES) return null;
  }
  let end = at + length;
  let after = charFrom(window, end, coding);
  for (; isTokenChar(after); after = charFrom(window, end, coding)) {
    end += spanFrom(window, end, coding);
    if (end - at > MAX_REACH_BYTES) return null;
  }
  if (after !== OUTSIDE && isLabelChar(after) && after !== HYPHEN) return null;

  const escaped = before === OUTSIDE ? OUTSIDE : escapedChars(window, start, coding, before);
  const openBefore = escaped === OUTSIDE;
  const openAfter = after === OUTSIDE;
  if (escaped === REFUSED) start = afterWord(window, start, coding);
  else if (!openBefore) start += escaped * coding;
  if (start === OUTSIDE) return null;
  if (!openBefore) start = withoutLead(window, start, coding);
  if (!openAfter) end = withoutTail(window, end, coding);
  if (start > at || end < at + length) return null;
  if (!openBefore && !openAfter) {
    const shape = groupsMatched(window, start, end, coding, octets, COUNT_ONLY);
    if (shape < 0) return null;
    if (groupsMatched(window, start, end, coding, octets, 8 - shape) < 0) return null;
  }
  return { start, length: end - start, openBefore, openAfter };
}

const isTokenChar = (char: number): boolean =>
  char === COLON || char === DOT || hexValue(char) >= 0;

const REFUSED = -2;

/**
 * How many characters at the front of the token belong to an escape before it (`%5B`, `\x5b`, `\u005b`), whose
 * digits look like the address's. `REFUSED` where they belong to a word before it.
 */
function escapedChars(window: Uint8Array, start: number, coding: Coding, before: number): number {
  if (!isLabelChar(before) || before === HYPHEN) {
    const isEscape =
      before === PERCENT &&
      coding !== ESCAPES &&
      hexValue(charFrom(window, start, coding)) >= 0 &&
      hexValue(charFrom(window, start + coding, coding)) >= 0;
    return isEscape ? 2 : 0;
  }

  const length =
    before === SMALL_U
      ? 4
      : before === SMALL_X
        ? 2
        : before === SMALL_N || before === SMALL_R || before === SMALL_T
          ? 0
          : REFUSED;
  if (length === REFUSED || coding === ESCAPES) return REFUSED;
  const further = charBefore(window, start - coding, coding);
  return further === OUTSIDE ? OUTSIDE : further === BACKSLASH ? length : REFUSED;
}

/** Past the end of a word and the colon behind it (`node:2001:db8::1`); `OUTSIDE` where the word is part of the text. */
function afterWord(window: Uint8Array, from: number, coding: Coding): number {
  let at = from;
  while (hexValue(charFrom(window, at, coding)) >= 0) at += spanFrom(window, at, coding);
  const next = at + spanFrom(window, at, coding);
  const isColonAlone =
    charFrom(window, at, coding) === COLON && charFrom(window, next, coding) !== COLON;
  return isColonAlone ? next : OUTSIDE;
}

/** Past dots and a lone colon, which belong to the sentence. */
function withoutLead(window: Uint8Array, from: number, coding: Coding): number {
  let start = from;
  while (charFrom(window, start, coding) === DOT) start += spanFrom(window, start, coding);
  const second = start + spanFrom(window, start, coding);
  const isLone =
    charFrom(window, start, coding) === COLON && charFrom(window, second, coding) !== COLON;
  return isLone ? second : start;
}

function withoutTail(window: Uint8Array, to: number, coding: Coding): number {
  let end = to;
  while (charBefore(window, end, coding) === DOT) end -= spanBefore(window, end, coding);
  const second = end - spanBefore(window, end, coding);
  const isLone =
    charBefore(window, end, coding) === COLON && charBefore(window, second, coding) !== COLON;
  return isLone ? second : end;
}

const COUNT_ONLY = -1;

/**
 * Walks the groups of a token; -1 where it is no IPv6 text. Called twice, for what `::` stands for is known only
 * once the groups are counted: first with `COUNT_ONLY`, which gives their number (8 without `::`); then with the
 * number of groups that `::` replaces, which gives -1 where a group differs from the address.
 */
function groupsMatched(
  window: Uint8Array,
  start: number,
  end: number,
  coding: Coding,
  octets: Uint8Array,
  replaced: number,
): number {
  let at = start;
  let groups = 0;
  let gap = -1;
  if (isColon(window, at, end, coding)) {
    at += spanFrom(window, at, coding);
    if (!isColon(window, at, end, coding)) return -1;
    at += spanFrom(window, at, coding);
    gap = 0;
  }

  while (at < end && groups < 8) {
    const first = at;
    let value = 0;
    let digits = 0;
    for (; at < end; digits += 1) {
      const digit = hexValue(charFrom(window, at, coding));
      if (digit < 0) break;
      value = (value << 4) | digit;
      at += spanFrom(window, at, coding);
    }
    if (digits === 0 || digits > 4) return -1;

    const index = gap >= 0 ? groups + replaced : groups;
    if (at < end && charFrom(window, at, coding) === DOT) {
      const quad = octets.length === 16 && groups <= 6 ? quadValue(window, first, end, coding) : -1;
      if (quad < 0) return -1;
      if (replaced >= 0 && group(octets, 6) * 0x10000 + group(octets, 7) !== quad) return -1;
      groups += 2;
      at = end;
      break;
    }
    if (replaced >= 0 && group(octets, index) !== value) return -1;
    groups += 1;
    if (at >= end) break;
    at += spanFrom(window, at, coding);
    if (at >= end) return -1;
    if (isColon(window, at, end, coding)) {
      if (gap >= 0) return -1;
      gap = groups;
      at += spanFrom(window, at, coding);
    }
  }

  if (at < end || (gap < 0 ? groups !== 8 : groups > 7)) return -1;
  for (let index = 0; index < replaced; index += 1) {
    if (group(octets, gap + index) !== 0) return -1;
  }
  return groups;
}

const isColon = (window: Uint8Array, at: number, end: number, coding: Coding): boolean =>
  at < end && charFrom(window, at, coding) === COLON;

/** A dotted quad that ends the token, as a number; -1 for anything else. */
function quadValue(window: Uint8Array, start: number, end: number, coding: Coding): number {
  let at = start;
  let quad = 0;
  for (let part = 0; part < 4; part += 1) {
    let value = 0;
    let digits = 0;
    for (; at < end && isDigit(charFrom(window, at, coding)); digits += 1) {
      value = value * 10 + charFrom(window, at, coding) - 0x30;
      at += spanFrom(window, at, coding);
    }
    if (digits === 0 || digits > 3 || value > 255) return -1;
    quad = quad * 256 + value;
    if (part === 3) break;
    if (at >= end || charFrom(window, at, coding) !== DOT) return -1;
    at += spanFrom(window, at, coding);
  }
  return at === end ? quad : -1;
}

/** One of the address's eight groups; of 4 octets, those of `::ffff:a.b.c.d`. */
function group(octets: Uint8Array, index: number): number {
  const offset = 2 * index - (octets.length === 4 ? 12 : 0);
  if (offset < 0) return index === 5 ? 0xffff : 0;
  return ((octets[offset] ?? 0) << 8) | (octets[offset + 1] ?? 0);
}

const PERCENT = 0x25;
const HYPHEN = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SMALL_N = 0x6e;
const SMALL_R = 0x72;
const SMALL_T = 0x74;
const SMALL_U = 0x75;
const SMALL_X = 0x78;
