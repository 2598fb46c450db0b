/** What kind of name or address the analyst gave. */
export type IndicatorKind = 'ipv4' | 'ipv6' | 'domain' | 'url';

/** What to look for. */
export interface Indicator {
  readonly kind: IndicatorKind;
  /** Canonical text: dotted quad, RFC 5952, lower-case (punycode) domain, URL with canonical scheme and host. */
  readonly text: string;
  /** As it was given, before it was refanged. */
  readonly given: string;
  /** The address in network order, 4 or 16 bytes; null for names. */
  readonly octets: Uint8Array | null;
}
