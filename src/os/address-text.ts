import { canonicalIpv6, ipv6Groups, mappedIpv4 } from '../indicator/ip-text.ts';

/** An IP address as text; an IPv4 address in IPv6 clothes (::ffff:a.b.c.d) is the IPv4 address that it means. */
export interface AddressText {
  readonly family: 4 | 6;
  readonly text: string;
}

/** Null unless there are 4 or 16 bytes, in network order. */
export function addressText(octets: Uint8Array): AddressText | null {
  const ipv4 = octets.length === 16 ? mappedIpv4(octets) : octets;
  if (ipv4?.length === 4) return { family: 4, text: ipv4.join('.') };
  if (octets.length !== 16) return null;
  const groups = ipv6Groups(octets).map((group) => group.toString(16));
  return { family: 6, text: canonicalIpv6(groups.join(':')) };
}
