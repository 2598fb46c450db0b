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
    ...(text.includes(WIDE_COLON) ? inWideText(text) : []),
    ...inClientHellos(bytes),
    ...inDnsMessages(bytes),
  ];
  return found.toSorted((one, other) => one.at - other.at);
}

/** Characters of a stretch of UTF-16LE text that is ASCII. */
const FEWEST_WIDE = 8;
const MOST_WIDE = 4096;
/** In every text that names a peer stands one. */
const WIDE_COLON = ':\0';

const HOST = String.raw`([\w.-]{1,253}|\[[\da-f:.]{2,45}\])`;
/** RFC 9112: the tunnel's authority, the Host field; RFC 3986: a URL's authority behind its userinfo. */
const PLACES: readonly {
  readonly source: HostSource;
  /** Without it the place cannot be one: much quicker to seek. */
  readonly mark: string;
  readonly regex: RegExp;
}[] = [
  {
    source: 'CONNECT',
    mark: 'CONNECT ',
    regex: new RegExp(String.raw`(?<![\w-])CONNECT ${HOST}:\d{1,5} `, 'g'),
  },
  {
    source: 'Host header',
    mark: ':',
    regex: new RegExp(String.raw`(?<![\w-])Host: ?${HOST}`, 'gi'),
  },
  {
    source: 'URL',
    mark: '://',
    regex: new RegExp(
      String.raw`(?<![\w-])(?:https?|ftp|wss?)://(?:[^\s/@]{0,256}@)?${HOST}`,
      'gi',
    ),
  },
];

function inText(text: string, place: (index: number) => number): NamedHost[] {
  const found: NamedHost[] = [];
  for (const { source, mark, regex } of PLACES) {
    if (!text.includes(mark)) continue;
    for (const { 1: host = '', index } of text.matchAll(regex)) {
      if (source === 'URL' && isInCertificate(text, index)) continue;
      found.push({
        host: host.toLowerCase().replace(/^\[|\]$|\.$/g, ''),
        source,
        at: place(index),
      });
    }
  }
  return found;
}

/** Looks at the stretches about each wide colon alone: most pages with UTF-16LE text have few. */
function inWideText(text: string): NamedHost[] {
  const found: NamedHost[] = [];
  for (let colon = text.indexOf(WIDE_COLON); colon >= 0;) {
    let start = colon;
    let end = colon;
    while (isWide(text, start - 2)) start -= 2;
    while (isWide(text, end)) end += 2;
    for (let from = start; from < end; from += 2 * MOST_WIDE) {
      const wide = text.slice(from, Math.min(from + 2 * MOST_WIDE, end));
      if (wide.length < 2 * FEWEST_WIDE || !wide.includes(WIDE_COLON)) continue;
      found.push(...inText(wide.replaceAll('\0', ''), (at) => from + 2 * at));
    }
    colon = text.indexOf(WIDE_COLON, end);
  }
  return found;
}

/** A character of ASCII text and its zero byte; false beyond either end. */
function isWide(text: string, at: number): boolean {
  if (at < 0 || at + 1 >= text.length) return false;
  const code = text.charCodeAt(at);
  const isText = (code >= 0x20 && code <= 0x7e) || code === 0x0a || code === 0x0d || code === 0x09;
  return isText && text.charCodeAt(at + 1) === 0;
}

/**
 * X.509 writes the addresses of revocation lists as URLs (RFC 5280, 4.2.1.6: tag [6], length, text): nobody who holds a
 * certificate asked for them.
 */
const isInCertificate = (text: string, at: number): boolean =>
  text.charCodeAt(at - 2) === 0x86 && text.charCodeAt(at - 1) < 0x80;

/** RFC 6066, 3: extension 0, its length, the list's length, type 0, the name's length: each one the rest of the last. */
function inClientHellos(bytes: Uint8Array): NamedHost[] {
  const found: NamedHost[] = [];
  for (let at = 0; at + 9 < bytes.length; at += 1) {
    // Neither zeros nor most texts get past this.
    if ((bytes[at + 5] ?? 0) !== (((bytes[at + 8] ?? 0) + 3) & 0xff)) continue;
    const host = hostInHello(bytes, at);
    if (host !== null) found.push({ host, source: 'SNI', at });
  }
  return found;
}

function hostInHello(bytes: Uint8Array, at: number): string | null {
  if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 6] !== 0) return null;
  const length = u16(bytes, at + 7);
  if (length === 0 || length > 253 || at + 9 + length > bytes.length) return null;
  if (u16(bytes, at + 2) !== length + 5 || u16(bytes, at + 4) !== length + 3) return null;
  const host = ascii(bytes, at + 9, length);
  return /^[\w.-]+$/.test(host) ? host : null;
}

/** Types whose questions a client asks: A, NS, CNAME, PTR, MX, TXT, AAAA, SRV, HTTPS (IANA registry). */
const DNS_TYPES = new Set([1, 2, 5, 12, 15, 16, 28, 33, 65]);
/** Last byte of the class; the first is 0. */
const CLASS_INTERNET = 1;
/** RFC 1035, 2.3.4: bytes of a label, and of a name with its lengths. */
const MOST_LABEL = 63;
const MOST_NAME = 255;

/**
 * RFC 1035, 4.1: labels with their lengths, a zero, type and class. Sought from the class backwards: its last byte is
 * rarer in memory than what may begin a name.
 */
function inDnsMessages(bytes: Uint8Array): NamedHost[] {
  const found: NamedHost[] = [];
  let free = 0;
  for (let one = bytes.indexOf(CLASS_INTERNET); one >= 0;) {
    const end = one - 3;
    const isQuestion =
      bytes[end + 2] === 0 &&
      DNS_TYPES.has(bytes[end + 1] ?? 0) &&
      bytes[end] === 0 &&
      bytes[end - 1] === 0;
    const name = isQuestion ? nameBefore(bytes, end, free) : null;
    if (name !== null) {
      found.push({ ...name, source: 'DNS' });
      free = end + 1;
    }
    one = bytes.indexOf(CLASS_INTERNET, one + 1);
  }
  return found;
}

/** The longest name whose closing zero lies before `end`, in the bytes from `from` on. */
function nameBefore(
  bytes: Uint8Array,
  end: number,
  from: number,
): Omit<NamedHost, 'source'> | null {
  const zero = end - 1;
  // No name goes beyond another zero. RFC 1035, 2.3.4: it has 255 bytes at most.
  const first = zero === 0 ? 0 : bytes.lastIndexOf(0, zero - 1) + 1;
  for (let at = Math.max(first, zero - MOST_NAME + 1, from); at < zero; at += 1) {
    const host = (bytes[at] ?? 0) <= MOST_LABEL ? wireName(bytes, at) : null;
    if (host !== null) return { host, at };
  }
  return null;
}

/** Two labels at least and the closing zero; null where none stands. */
function wireName(bytes: Uint8Array, start: number): string | null {
  let labels = 0;
  let at = start;
  while (at - start < MOST_NAME) {
    const length = bytes[at] ?? 0xff;
    if (length === 0) return labels < 2 ? null : dotted(bytes, start);
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
