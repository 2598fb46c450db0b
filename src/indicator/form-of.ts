import { addressForm, isServerName, isSubdomainOnWire } from './binary-form.ts';
import { isLabelChar } from './coded-text.ts';
import type { FormName } from './forms.ts';
import type { Indicator } from './indicator.ts';
import type { BytePattern } from './pattern.ts';

/** Bytes on either side of a recognition that its form can depend on. With fewer the form is a more general one. */
export const FORM_CONTEXT_BYTES = 128;

/**
 * The most telling form of a recognised occurrence: `length` bytes at `start` of a window of contiguous bytes.
 * A spelling that hides the address names the form whatever stands around; so does a name below the domain.
 */
export function formOf(
  pattern: BytePattern,
  indicator: Indicator,
  window: Uint8Array,
  start: number,
  length: number,
): FormName {
  const { spelling } = pattern;
  if (spelling === 'bytes') return addressForm(window, start, length);
  if (spelling === 'dns-wire' && indicator.kind === 'domain') {
    return isSubdomainOnWire(window, start) ? 'subdomain' : 'dns-wire';
  }
  if (spelling === 'dns-wire' || spelling === 'reverse-name') return 'reverse-name';
  if (spelling === 'percent') return 'url-percent';
  if (spelling === 'decimal') return 'url-decimal';
  if (spelling === 'hex-or-octal') return numberForm(pattern, window, start);
  return textForm(pattern, indicator, window, start, length);
}

/** After `://0` an x means hexadecimal. */
function numberForm({ bytes }: BytePattern, window: Uint8Array, start: number): FormName {
  const next = window[start + bytes.length] ?? 0;
  return (next | 0x20) === 0x78 ? 'url-hex' : 'url-octal';
}

function textForm(
  { encoding, spelling }: BytePattern,
  indicator: Indicator,
  window: Uint8Array,
  start: number,
  length: number,
): FormName {
  const isWide = encoding === 'utf16le';
  if (indicator.kind === 'domain' && !isWide && isServerName(window, start, length))
    return 'tls-sni';

  const shownBefore = textOf(window, start - FORM_CONTEXT_BYTES, start, isWide);
  const after = textOf(window, start + length, start + length + FORM_CONTEXT_BYTES, isWide);
  if (indicator.kind === 'url')
    return REQUEST_FOR_URL.test(shownBefore) ? 'absolute-uri-request' : 'url';
  if (indicator.kind === 'domain' && isBelow(shownBefore)) return 'subdomain';

  const before = shownBefore.replace(MAPPED_PREFIX, '');
  const isMapped =
    before !== shownBefore || (spelling === 'ipv6-text' && indicator.kind === 'ipv4');
  const hasPort = (indicator.kind === 'ipv6' || isMapped ? PORT_AFTER_BRACKET : PORT).test(after);
  if (hasPort && CONNECT.test(before)) return 'connect-request';
  if (REQUEST_FOR_HOST.test(before)) return 'absolute-uri-request';
  if (HOST_HEADER.test(before)) return 'host-header';
  if (URL_UP_TO_HOST.test(before)) return 'url';
  if (hasPort) return indicator.kind === 'domain' ? 'host-port' : 'ip-port';
  return isMapped ? 'ipv4-mapped' : 'text';
}

/** Lower-case text of a part of the window, one character a byte or UTF-16 unit; what lies outside is left off. */
function textOf(window: Uint8Array, from: number, to: number, isWide: boolean): string {
  // An odd number of bytes is left off at the far end, so that the units stay in step with the indicator's.
  const first = from >= 0 ? from : isWide ? to % 2 : 0;
  const part = window.subarray(first, Math.min(to, window.length));
  const { buffer, byteOffset, byteLength } = part;
  return Buffer.from(buffer, byteOffset, byteLength)
    .toString(isWide ? 'utf16le' : 'latin1')
    .toLowerCase();
}

/** `www.` before the name. */
const isBelow = (before: string): boolean =>
  before.endsWith('.') && before.length > 1 && isLabelChar(before.charCodeAt(before.length - 2));

const METHOD = '(?<![a-z])(?:get|post|head|put|delete|options|patch|trace|propfind)';
const ORIGIN = '[a-z][a-z0-9+.-]{1,15}://(?:[^\\s/@?#<>"\']{0,64}@)?\\[?';

const REQUEST_FOR_URL = new RegExp(`${METHOD} $`, 'u');
const REQUEST_FOR_HOST = new RegExp(`${METHOD} ${ORIGIN}$`, 'u');
const URL_UP_TO_HOST = new RegExp(`${ORIGIN}$`, 'u');
const CONNECT = /(?<![a-z])connect \[?$/u;
// Not X-Forwarded-Host: that tells of another request.
const HOST_HEADER = /(?<![a-z0-9_-])host:[ \t]{0,4}\[?$/u;
const MAPPED_PREFIX = /(?:::|(?:0{1,4}:){1,5}:?)ffff:$/u;
const PORT = /^\]?:[1-9]\d{0,4}(?!\d)/u;
const PORT_AFTER_BRACKET = /^\]:[1-9]\d{0,4}(?!\d)/u;
