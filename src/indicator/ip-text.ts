import { isIPv4, isIPv6 } from 'node:net';

/** Octets in network order of a dotted quad without leading zeros; null for any other text. */
export function ipv4Octets(text: string): Uint8Array | null {
  return isIPv4(text) ? Uint8Array.from(text.split('.'), Number) : null;
}

/** Octets in network order of any RFC 4291 text of an address, zone id excluded; null for any other text. */
export function ipv6Octets(text: string): Uint8Array | null {
  // The colon first: Node's own test is a regular expression that takes milliseconds to make.
  if (!text.includes(':') || text.includes('%') || !isIPv6(text)) return null;

  const [head = '', tail] = canonicalIpv6(text).split('::');
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  const gap = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return Uint8Array.from(
    [...front, ...gap, ...back].flatMap((group) => [group >> 8, group & 0xff]),
  );
}

/** The one spelling of RFC 5952, which is also the URL standard's ("IPv6 serializer"). */
export function canonicalIpv6(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

/** The IPv4 address inside `::ffff:0:0/96` (RFC 4291, 2.5.5.2), else null. */
export function mappedIpv4(octets: Uint8Array): Uint8Array | null {
  const isMapped =
    octets.subarray(0, 10).every(isZero) && octets[10] === 0xff && octets[11] === 0xff;
  return isMapped ? octets.slice(12) : null;
}

/** `::/96`: unspecified, loopback and the deprecated IPv4-compatible addresses (RFC 4291, 2.5). */
export const isInLowest96 = (octets: Uint8Array): boolean => octets.subarray(0, 12).every(isZero);

/** The eight 16-bit groups of 16 octets. */
export function ipv6Groups(octets: Uint8Array): number[] {
  return Array.from(
    { length: 8 },
    (_, i) => ((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0),
  );
}

const groupsOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

const isZero = (octet: number): boolean => octet === 0;
