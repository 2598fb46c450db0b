import { Ip2ProcessError } from '../errors.ts';
import type { Indicator } from './indicator.ts';
import { canonicalIpv6, ipv4Octets, ipv6Octets, isInLowest96, mappedIpv4 } from './ip-text.ts';
import { canonicalDomain, canonicalUrl } from './name-text.ts';
import { refang } from './refang.ts';

/**
 * Longest indicator, in characters, given or canonical: what browsers and proxies of the field pass as a URL, and
 * in UTF-16 just a page, the longest literal of the scan.
 */
export const MAX_INDICATOR_LENGTH = 2048;

/** Indicators of one request: each adds up to twelve literals to the scan of every byte. */
export const MAX_INDICATORS = 1000;

/**
 * What an analyst pastes, as an indicator: IPv4, IPv6, domain name or URL, defanged or not. A port after an address
 * or a name is left off (`203.0.113.7:443` is the address); an IPv4-mapped IPv6 address is its IPv4 address.
 *
 * Throws `Ip2ProcessError` of kind `request` that says what is wrong and what is accepted.
 */
export function parseIndicator(given: string): Indicator {
  if (given.length > MAX_INDICATOR_LENGTH) throw refusal(given, tooLong(given.length));
  const text = refang(given);
  if (text === '') throw refusal(given, `it is empty; give ${ACCEPTED}`);

  try {
    const parsed = parseRefanged(text);
    if (parsed.text.length > MAX_INDICATOR_LENGTH)
      throw new RangeError(tooLong(parsed.text.length));
    return { ...parsed, given };
  } catch (error) {
    if (error instanceof RangeError) throw refusal(given, error.message);
    throw error;
  }
}

/** All of them once each, in the order given: the first spelling of several stays. */
export const parseIndicators = (texts: readonly string[]): Indicator[] =>
  onceEach(texts.map(parseIndicator));

/** As `parseIndicators`, of what is parsed already. */
export function onceEach(indicators: readonly Indicator[]): Indicator[] {
  const unique = new Map<string, Indicator>();
  for (const indicator of indicators) keepFirst(unique, indicator);
  return [...unique.values()];
}

/**
 * A file of indicators: one a line, blank lines and `# comments` (at the start or after a blank) allowed, any line
 * end, byte order mark or none. Errors name the line, in the message and as `place.line`.
 */
export function parseIndicatorList(text: string): Indicator[] {
  const unique = new Map<string, Indicator>();
  for (const [index, line] of text
    .replace(/^\ufeff/u, '')
    .split(/\r\n|\r|\n/u)
    .entries()) {
    const entry = line.replace(/(?:^|\s)#.*$/u, '').trim();
    if (entry === '') continue;
    try {
      keepFirst(unique, parseIndicator(entry));
    } catch (error) {
      if (!(error instanceof Ip2ProcessError)) throw error;
      throw new Ip2ProcessError(
        error.kind,
        `${error.message}, on line ${index + 1} of the list`,
        { ...error.place, line: index + 1 },
        { cause: error },
      );
    }
  }
  return [...unique.values()];
}

/** The host of a URL as an indicator of its own, to look for next; null where it is none, or `indicator` is no URL. */
export function hostOf(indicator: Indicator): Indicator | null {
  if (indicator.kind !== 'url') return null;
  const { hostname } = new URL(indicator.text);
  try {
    return parseIndicator(hostname);
  } catch (error) {
    if (error instanceof Ip2ProcessError) return null;
    throw error;
  }
}

type Parsed = Omit<Indicator, 'given'>;

const ACCEPTED = 'an IPv4 or IPv6 address, a domain name, or a URL';

/** Throws `RangeError` with what is wrong, to be told with the text as it was given. */
function parseRefanged(text: string): Parsed {
  if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(text)) {
    return { kind: 'url', text: canonicalUrl(text), octets: null };
  }
  if (/^[^/]+\/\d{1,3}$/u.test(text) && addressOf(withoutPort(text.replace(/\/\d+$/u, '')))) {
    throw new RangeError('it is a network (CIDR); give the one address that was seen');
  }
  if (text.includes('/')) {
    throw new RangeError(
      'it holds a path but no scheme; give the host alone, or the URL with "http://"',
    );
  }

  const host = withoutPort(text);
  const address = addressOf(host);
  if (address !== null) return address;
  if (host.includes(':')) throw new RangeError(ipv6Fault(host));
  if (endsInNumber(host)) throw new RangeError(ipv4Fault(host));
  return { kind: 'domain', text: canonicalDomain(host), octets: null };
}

/** `[v6]:port`, `[v6]`, `v4:port` and `name:port` without bracket and port. Bare IPv6 stays whole. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/u.exec(text);
  return bracketed?.[1] ?? text.replace(/^([^:]+):\d{1,5}$/u, '$1');
}

function addressOf(host: string): Parsed | null {
  const octets = ipv4Octets(host) ?? ipv6Octets(host);
  if (octets === null) return null;
  const ipv4 = octets.length === 4 ? octets : mappedIpv4(octets);
  if (ipv4 === null) {
    if (isInLowest96(octets)) {
      throw new RangeError(
        'addresses in ::/96 (unspecified, loopback, IPv4-compatible) are no peer in a network',
      );
    }
    return { kind: 'ipv6', text: canonicalIpv6(host), octets };
  }

  if (ipv4[0] === 0)
    throw new RangeError('addresses in 0.0.0.0/8 mean "this network" and are no peer');
  return { kind: 'ipv4', text: ipv4.join('.'), octets: ipv4 };
}

/** The URL standard's test: such a host is meant as an IPv4 address, never as a name. */
const endsInNumber = (host: string): boolean => /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/iu.test(host);

function ipv4Fault(host: string): string {
  const parts = host.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/u.test(part))) {
    return 'it looks like an IPv4 address but is not four decimal numbers joined by dots';
  }
  const padded = parts.find((part) => /^0\d/u.test(part));
  if (padded !== undefined) {
    return `octet ${clip(padded)} has a leading zero, which some programs read as octal; write it without`;
  }
  const large = parts.find((part) => Number(part) > 255) ?? '';
  return `octet ${clip(large)} is above 255`;
}

function ipv6Fault(host: string): string {
  const [address = '', zone] = host.split('%');
  return zone !== undefined && ipv6Octets(address) !== null
    ? 'a zone id names an interface of one machine; give the address without "%" and what follows'
    : `it holds ":" but is no IPv6 address and no host with a port; give ${ACCEPTED}`;
}

const tooLong = (length: number): string =>
  `it is ${length} characters long, at most ${MAX_INDICATOR_LENGTH} are accepted`;

function refusal(given: string, reason: string): Ip2ProcessError {
  const shown = clip(given);
  return new Ip2ProcessError('request', `Cannot look for "${shown}": ${reason}`, {
    indicator: shown,
  });
}

/** Bounded and printable: neither a terminal nor a log obeys what was pasted. */
function clip(text: string): string {
  const shown = text
    .slice(0, 80)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  return text.length > 80 ? `${shown}…` : shown;
}

function keepFirst(unique: Map<string, Indicator>, indicator: Indicator): void {
  if (unique.has(indicator.text)) return;
  if (unique.size === MAX_INDICATORS) {
    throw new Ip2ProcessError(
      'request',
      `Cannot look for so many indicators at once: at most ${MAX_INDICATORS} are accepted`,
    );
  }
  unique.set(indicator.text, indicator);
}
