/** A host in a place where only a peer's name stands. */
export interface NamedHost {
  /** Lower case, not yet checked further; an IPv6 address without brackets. */
  readonly host: string;
  readonly source: HostSource;
  /** Index of the place in the bytes. */
  readonly at: number;
}

export type HostSource = 'CONNECT' | 'Host header' | 'URL' | 'SNI' | 'DNS';

/**
 * Hosts that memory names as peers: in requests, URLs, TLS ClientHellos and DNS messages, by place. Bare words with dots
 * are not looked at: `libc.so.6` and `setup.py` have the shape of names, and no shape tells them from hosts.
 */
export function hostsIn(bytes: Uint8Array): NamedHost[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const found = [
    ...inText(text, (index) => index),
    ...[...text.matchAll(WIDE)].flatMap(({ 0: wide, index }) =>
      inText(wide.replaceAll('\0', ''), (at) => index + 2 * at),
    ),
    ...inClientHellos(bytes),
    ...inDnsMessages(bytes),
  ];
  return found.toSorted((one, other) => one.at - other.at);
}

/** A stretch of UTF-16LE text that is ASCII. */
const WIDE = /(?:[\t\r\n\x20-\x7e]\0){8,4096}/g;

const HOST = String.raw`([\w.-]{1,253}|\[[\da-f:.]{2,45}\])`;
/** RFC 9112: the tunnel's authority, the Host field; RFC 3986: a URL's authority behind its userinfo. */
const PLACES: readonly { readonly source: HostSource; readonly regex: RegExp }[] = [
  { source: 'CONNECT', regex: new RegExp(String.raw`(?<![\w-])CONNECT ${HOST}:\d{1,5} `, 'g') },
  { source: 'Host header', regex: new RegExp(String.raw`(?<![\w-])Host: ?${HOST}`, 'gi') },
  {
    source: 'URL',
    regex: new RegExp(
      String.raw`(?<![\w-])(?:https?|ftp|wss?)://(?:[^\s/@]{0,256}@)?${HOST}`,
      'gi',
    ),
  },
];

function inText(text: string, place: (index: number) => number): NamedHost[] {
  return PLACES.flatMap(({ source, regex }) =>
    [...text.matchAll(regex)].flatMap(({ 1: host = '', index }) =>
      source === 'URL' && isInCertificate(text, index)
        ? []
        : [{ host: host.toLowerCase().replace(/^\[|\]$|\.$/g, ''), source, at: place(index) }],
    ),
  );
}

/**
 * X.509 writes the addresses of revocation lists as URLs (RFC 5280, 4.2.1.6: tag [6], length, text): nobody who holds a
 * certificate asked for them.
 */
const isInCertificate = (text: string, at: number): boolean =>
  text.charCodeAt(at - 2) === 0x86 && text.charCodeAt(at - 1) < 0x80;

/** RFC 6066, 3: extension 0, its length, the list's length, type 0, the name's length: each one the rest of the last. */
function* inClientHellos(bytes: Uint8Array): Generator<NamedHost> {
  for (let at = 0; at + 9 < bytes.length; at += 1) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 6] !== 0) continue;
    const length = u16(bytes, at + 7);
    if (length === 0 || length > 253 || at + 9 + length > bytes.length) continue;
    if (u16(bytes, at + 2) !== length + 5 || u16(bytes, at + 4) !== length + 3) continue;
    const host = ascii(bytes, at + 9, length);
    if (/^[\w.-]+$/.test(host)) yield { host, source: 'SNI', at };
  }
}

/** Types whose questions a client asks: A, NS, CNAME, PTR, MX, TXT, AAAA, SRV, HTTPS (IANA registry). */
const DNS_TYPES = new Set([1, 2, 5, 12, 15, 16, 28, 33, 65]);
const DNS_CLASS_INTERNET = 1;
/** RFC 1035, 2.3.4: a label has 63 bytes at most. */
const MOST_LABEL = 63;

/** RFC 1035, 4.1: labels with their lengths, a zero, type and class. */
function inDnsMessages(bytes: Uint8Array): NamedHost[] {
  const found: NamedHost[] = [];
  // Shorter names do not exist: two labels of one letter, the closing zero, type and class.
  const last = bytes.length - 9;
  for (let at = 0; at <= last; at += 1) {
    // Most bytes begin no name: seen without making anything.
    const length = bytes[at] ?? 0;
    if (length === 0 || length > MOST_LABEL || (bytes[at + 1 + length] ?? 0xff) > MOST_LABEL) {
      continue;
    }
    const name = wireName(bytes, at);
    if (name === null) continue;
    const { host, end } = name;
    if (!DNS_TYPES.has(u16(bytes, end)) || u16(bytes, end + 2) !== DNS_CLASS_INTERNET) continue;
    found.push({ host, source: 'DNS', at });
    at = end;
  }
  return found;
}

/** Two labels at least; null where none stands. `end` is the index behind the closing zero. */
function wireName(bytes: Uint8Array, start: number): { host: string; end: number } | null {
  let labels = 0;
  let at = start;
  // RFC 1035, 2.3.4: a name has 255 bytes at most.
  while (at - start < 255) {
    const length = bytes[at] ?? 0xff;
    if (length === 0) return labels < 2 ? null : { host: dotted(bytes, start), end: at + 1 };
    if (length > MOST_LABEL || at + 1 + length > bytes.length) return null;
    for (let index = at + 1; index <= at + length; index += 1) {
      if (!isLabelByte(bytes[index] ?? 0)) return null;
    }
    labels += 1;
    at += 1 + length;
  }
  return null;
}

/** A name that was found good, in words. */
function dotted(bytes: Uint8Array, start: number): string {
  const labels: string[] = [];
  for (let at = start, length = bytes[at] ?? 0; length !== 0; length = bytes[at] ?? 0) {
    labels.push(ascii(bytes, at + 1, length));
    at += 1 + length;
  }
  return labels.join('.');
}

/** Letters, digits, hyphen and underscore. */
const isLabelByte = (byte: number): boolean =>
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  byte === 0x2d ||
  byte === 0x5f;

const u16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0xff) << 8) | (bytes[at + 1] ?? 0xff);

const ascii = (bytes: Uint8Array, at: number, length: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, length)
    .toString('latin1')
    .toLowerCase();
