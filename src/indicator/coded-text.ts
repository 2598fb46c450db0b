/**
 * Text inside bytes, read character by character in either direction without allocating: the scan asks millions of
 * times. Every question can be answered "outside": the window ends before the bytes that would tell.
 */

/** One byte a character; a UTF-16LE unit; a byte or a percent escape (RFC 3986, 2.1) that stands for one. */
export const BYTES = 1;
export const UNITS = 2;
export const ESCAPES = 3;
export type Coding = typeof BYTES | typeof UNITS | typeof ESCAPES;

/** No character: the window ends first. */
export const OUTSIDE = -1;

/** The character that begins at `at`. */
export function charFrom(window: Uint8Array, at: number, coding: Coding): number {
  if (at < 0 || at >= window.length) return OUTSIDE;
  const byte = window[at] ?? 0;
  if (coding === BYTES) return byte;
  if (coding === UNITS) {
    return at + 1 < window.length ? byte | ((window[at + 1] ?? 0) << 8) : OUTSIDE;
  }

  if (byte !== PERCENT) return byte;
  if (at + 1 >= window.length) return OUTSIDE;
  const high = hexValue(window[at + 1] ?? 0);
  if (high < 0) return byte;
  if (at + 2 >= window.length) return OUTSIDE;
  const low = hexValue(window[at + 2] ?? 0);
  return low < 0 ? byte : (high << 4) | low;
}

/** The character that ends before `end`. */
export function charBefore(window: Uint8Array, end: number, coding: Coding): number {
  if (coding === UNITS) return charFrom(window, end - 2, UNITS);
  if (end < 1) return OUTSIDE;
  const byte = window[end - 1] ?? 0;
  if (coding === BYTES) return byte;

  const low = hexValue(byte);
  if (low < 0) return byte;
  if (end < 2) return OUTSIDE;
  const high = hexValue(window[end - 2] ?? 0);
  if (high < 0) return byte;
  if (end < 3) return OUTSIDE;
  return window[end - 3] === PERCENT ? (high << 4) | low : byte;
}

/** Bytes of the character that begins at `at`. */
export function spanFrom(window: Uint8Array, at: number, coding: Coding): number {
  if (coding !== ESCAPES) return coding;
  return isEscape(window, at) ? 3 : 1;
}

/** Bytes of the character that ends before `end`. */
export function spanBefore(window: Uint8Array, end: number, coding: Coding): number {
  if (coding !== ESCAPES) return coding;
  return isEscape(window, end - 3) ? 3 : 1;
}

/** 0 to 15, or -1 where the character is no hex digit. */
export function hexValue(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const small = char | 0x20;
  return small >= 0x61 && small <= 0x66 && char < 0x80 ? small - 0x57 : -1;
}

export const isDigit = (char: number): boolean => char >= 0x30 && char <= 0x39;

export const isLetter = (char: number): boolean =>
  (char >= 0x61 && char <= 0x7a) || (char >= 0x41 && char <= 0x5a);

/** A character of a DNS label as it is in use: letter, digit, hyphen, underscore. */
export const isLabelChar = (char: number): boolean =>
  isDigit(char) || isLetter(char) || char === 0x2d || char === 0x5f;

const PERCENT = 0x25;

function isEscape(window: Uint8Array, at: number): boolean {
  return (
    at >= 0 &&
    at + 2 < window.length &&
    window[at] === PERCENT &&
    hexValue(window[at + 1] ?? 0) >= 0 &&
    hexValue(window[at + 2] ?? 0) >= 0
  );
}
