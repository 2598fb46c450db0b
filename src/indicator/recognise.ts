import {
  type Boundary,
  domainAfter,
  domainBefore,
  FIRM,
  ipv4After,
  ipv4Before,
  numberBefore,
  OPEN,
  REJECTED,
  urlAfter,
  urlBefore,
} from './boundary.ts';
import { BYTES, type Coding, ESCAPES, hexValue, UNITS } from './coded-text.ts';
import type { Indicator } from './indicator.ts';
import { recogniseIpv6 } from './ipv6-token.ts';
import { numberHostEnd } from './number-host.ts';
import type { BytePattern, CasedTail, Recognition } from './pattern.ts';

/** Bytes on either side of a literal that can decide: with as many at hand, no answer is open. */
export const BOUNDARY_BYTES = 128;

/**
 * Is the literal at `at` an occurrence of the indicator? `window`: contiguous bytes that hold the whole literal,
 * one page or an owner's pages joined. Null is firm: no byte outside the window could change it. An open side can
 * go either way; memory that is not mapped ends a text, so pass a zero byte in its place.
 *
 * The literal lies wholly within the recognition. One occurrence can hold several literals (an IPv6 text, a digit
 * run twice): the consumer keeps one hit for each (indicator, address of the recognition's start). Nothing else
 * needs to be removed, for no two spellings of one indicator accept the same bytes: the text refuses to be part of
 * a reverse name, the mapped IPv6 text leaves a dotted tail to the text, and bytes in a socket address or a DNS answer
 * are one hit whose form says so. Bytes that happen to spell text are hits of their own, of no weight.
 *
 * Allocates only what it returns: nearly all calls end in null.
 */
export function recognise(
  pattern: BytePattern,
  indicator: Indicator,
  window: Uint8Array,
  at: number,
): Recognition | null {
  const { spelling, bytes } = pattern;
  const coding = pattern.encoding === 'utf16le' ? UNITS : BYTES;
  const end = at + bytes.length;
  // Exact by their length bytes, or nothing but bytes.
  if (spelling === 'bytes' || spelling === 'dns-wire') return found(at, end, FIRM, FIRM);
  if (spelling === 'text') return recogniseText(pattern, indicator, window, at, coding);
  if (spelling === 'percent') return recogniseText(pattern, indicator, window, at, ESCAPES);
  if (spelling === 'ipv6-text') return recogniseIpv6(indicator, window, at, bytes.length, coding);
  if (spelling === 'hex-or-octal') {
    return recogniseNumber(indicator, window, at, end - coding, coding);
  }

  const after = domainAfter(window, end, coding);
  if (spelling === 'decimal') return found(at, end, numberBefore(window, at, coding), after);
  const before =
    indicator.kind === 'ipv4'
      ? ipv4Before(window, at, coding)
      : domainBefore(window, at, coding, bytes.length);
  return found(at, end, before, after);
}

function recogniseText(
  { bytes, cased }: BytePattern,
  indicator: Indicator,
  window: Uint8Array,
  at: number,
  coding: Coding,
): Recognition | null {
  const { kind, text } = indicator;
  const end = at + bytes.length;
  if (kind === 'ipv6') return recogniseIpv6(indicator, window, at, bytes.length, coding);
  if (kind === 'ipv4') {
    return found(at, end, ipv4Before(window, at, coding), ipv4After(window, end, coding));
  }
  if (kind === 'domain') {
    const before = domainBefore(window, at, coding, bytes.length);
    return found(at, end, before, domainAfter(window, end, coding));
  }

  if (cased && !isInOwnCase(cased, window, at, coding)) return null;
  const after = urlAfter(window, end, coding, text.includes('?'));
  return found(at, end, urlBefore(window, at, coding), after);
}

/** `://` belongs to the recognition: it is what makes the number a host. `zero`: of its first character. */
function recogniseNumber(
  { octets }: Indicator,
  window: Uint8Array,
  at: number,
  zero: number,
  coding: Coding,
): Recognition | null {
  if (octets === null) return null;
  const end = numberHostEnd(window, zero, coding, octets);
  if (end < 0) return null;
  return {
    start: at,
    length: Math.floor(end / 4) - at,
    openBefore: false,
    openAfter: end % 4 === OPEN,
  };
}

/** Case counts in a path, but not in the digits of its percent escapes (RFC 3986, 6.2.2.1). */
function isInOwnCase(
  { from, bytes }: CasedTail,
  window: Uint8Array,
  at: number,
  coding: Coding,
): boolean {
  const step = coding === UNITS ? 2 : 1;
  for (let index = from; index < bytes.length; index += step) {
    const wanted = bytes[index] ?? 0;
    const isEscape = bytes[index - step] === PERCENT || bytes[index - 2 * step] === PERCENT;
    const actual = window[at + index] ?? 0;
    if (wanted !== actual && !(isEscape && hexValue(wanted) === hexValue(actual))) return false;
  }
  return true;
}

function found(start: number, end: number, before: Boundary, after: Boundary): Recognition | null {
  if (before === REJECTED || after === REJECTED) return null;
  return {
    start,
    length: end - start,
    openBefore: before === OPEN,
    openAfter: after === OPEN,
  };
}

const PERCENT = 0x25;
