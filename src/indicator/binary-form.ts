import { isLabelChar } from './coded-text.ts';
import type { FormName } from './forms.ts';

/**
 * The structure around an address of 4 or 16 bytes at `start`:
 *
 * - DNS resource record: type u16 (A 1, AAAA 28) | class u16 (IN 1) | TTL u32 | length u16 | address, big-endian
 *   (RFC 1035, 3.2.1; RFC 3596, 2.2)
 * - sockaddr_in: family u16 LE (2) | port u16 BE | address | 8 zeros
 * - sockaddr_in6: family u16 LE (Linux 10, Windows 23) | port u16 BE | flow info u32 | address | scope id u32
 *
 * Sources: Linux include/uapi/linux/in.h and in6.h, Microsoft ws2def.h and ws2ipdef.h.
 */
export function addressForm(window: Uint8Array, start: number, length: number): FormName {
  const isIpv4 = length === 4;
  if (isRecordData(window, start, isIpv4 ? 1 : 28, length)) return 'dns-answer';
  if (isIpv4) {
    if (hasFamilyAndPort(window, start - 4, 2) && isZero(window, start + length, SIN_ZERO_BYTES)) {
      return 'sockaddr-in';
    }
    if (!isMappedPrefix(window, start - 12)) return 'ipv4-bytes';
    return isSockaddrIn6(window, start - 12) ? 'sockaddr-in6' : 'ipv4-mapped';
  }
  return isSockaddrIn6(window, start) ? 'sockaddr-in6' : 'ipv6-bytes';
}

/**
 * The name at `start` is the host name of a server_name extension: type u16 (0) | length u16 | list length u16 |
 * name type u8 (0) | name length u16 | name, big-endian (RFC 6066, 3).
 */
export function isServerName(window: Uint8Array, start: number, length: number): boolean {
  return (
    u16(window, start - 9) === 0 &&
    u16(window, start - 7) === length + 5 &&
    u16(window, start - 5) === length + 3 &&
    window[start - 3] === 0 &&
    u16(window, start - 2) === length
  );
}

/** Does a whole label, its length byte in front, end where the name's first length byte stands? */
export function isSubdomainOnWire(window: Uint8Array, start: number): boolean {
  for (let length = 1; length <= MAX_LABEL; length += 1) {
    const at = start - length;
    if (at < 1 || !isLabelChar(window[at] ?? 0)) return false;
    if (window[at - 1] === length) return true;
  }
  return false;
}

function isRecordData(window: Uint8Array, start: number, type: number, length: number): boolean {
  return (
    u16(window, start - 10) === type &&
    u16(window, start - 8) === 1 &&
    // A lifetime has 31 bits (RFC 2181, 8).
    (window[start - 6] ?? 0xff) < 0x80 &&
    u16(window, start - 2) === length
  );
}

const isSockaddrIn6 = (window: Uint8Array, address: number): boolean =>
  hasFamilyAndPort(window, address - 8, LINUX_AF_INET6) ||
  hasFamilyAndPort(window, address - 8, WINDOWS_AF_INET6);

const hasFamilyAndPort = (window: Uint8Array, at: number, family: number): boolean =>
  window[at] === family && window[at + 1] === 0 && u16(window, at + 2) > 0;

const isMappedPrefix = (window: Uint8Array, at: number): boolean =>
  isZero(window, at, 10) && u16(window, at + 10) === 0xffff;

function isZero(window: Uint8Array, at: number, length: number): boolean {
  for (let index = at; index < at + length; index += 1) {
    if (window[index] !== 0) return false;
  }
  return true;
}

/** Big-endian; -1 outside the window. */
function u16(window: Uint8Array, at: number): number {
  const high = window[at];
  const low = window[at + 1];
  return high === undefined || low === undefined ? -1 : (high << 8) | low;
}

const SIN_ZERO_BYTES = 8;
const LINUX_AF_INET6 = 10;
const WINDOWS_AF_INET6 = 23;
const MAX_LABEL = 63;
