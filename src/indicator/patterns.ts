import { domainToUnicode } from 'node:url';
import type { Indicator } from './indicator.ts';
import { ipv6Groups } from './ip-text.ts';
import type { BytePattern, Spelling } from './pattern.ts';

/** Longest literal, in bytes: one page, so that an occurrence lies in two frames at most. */
export const MAX_PATTERN_BYTES = 4096;

/**
 * The literals to scan for, by indicator in the order given; the same list for the same indicators in every thread.
 * Twelve for an IPv4 address, six for IPv6, three for a domain (five where it has a Unicode spelling), three for a URL.
 *
 * Spellings share a literal where one of at least four bytes stands in all of them: every hex and octal URL form
 * (padded or not, dotted or not) begins with `://0`; every text of an IPv6 address holds one run of its digits.
 *
 * Not looked for: hex and octal without `scheme://` directly before, percent-encoded domains, IPv4 with only some of
 * its dots encoded, DNS names cut short by a compression pointer, URLs with an explicit default port.
 */
export function patternsOf(indicators: readonly Indicator[]): readonly BytePattern[] {
  return indicators.flatMap((indicator, index) =>
    SPELLINGS[indicator.kind](indicator)
      .filter(({ bytes }) => bytes.length <= MAX_PATTERN_BYTES)
      .map((pattern) => ({ indicator: index, ...pattern })),
  );
}

type Literal = Omit<BytePattern, 'indicator'>;

const SPELLINGS = {
  ipv4: ipv4Literals,
  ipv6: ipv6Literals,
  domain: domainLiterals,
  url: urlLiterals,
};

function ipv4Literals({ text, octets }: Indicator): Literal[] {
  const [a = 0, b = 0, c = 0, d = 0] = octets ?? [];
  const decimal = String(((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
  const reverse = `${[d, c, b, a].join('.')}.in-addr.arpa`;
  const mapped = [0, 0, 0, 0, 0, 0xffff, (a << 8) | b, (c << 8) | d];
  return [
    exact('text', text),
    wide(exact('text', text)),
    folded('percent', text.replaceAll('.', '%2e')),
    folded(
      'percent',
      text.replaceAll(/./gu, (char) => `%${char.charCodeAt(0).toString(16)}`),
    ),
    exact('decimal', decimal),
    wide(exact('decimal', decimal)),
    exact('hex-or-octal', '://0'),
    wide(exact('hex-or-octal', '://0')),
    folded('reverse-name', reverse),
    dnsWire(reverse),
    folded('ipv6-text', longestRun(mapped, 7)),
    binary(octets),
  ];
}

function ipv6Literals({ octets }: Indicator): Literal[] {
  const groups = ipv6Groups(octets ?? new Uint8Array(16));
  // The last two groups may be written as a dotted quad, so they anchor nothing.
  const run = longestRun(groups, 5);
  const nibbles = groups.map((group) => group.toString(16).padStart(4, '0')).join('');
  const reverse = `${nibbles.split('').toReversed().join('.')}.ip6.arpa`;
  return [
    folded('ipv6-text', run),
    wide(folded('ipv6-text', run)),
    folded('percent', run.replaceAll(':', '%3a')),
    folded('reverse-name', reverse),
    dnsWire(reverse),
    binary(octets),
  ];
}

function domainLiterals({ text }: Indicator): Literal[] {
  const names = new Set([text, domainToUnicode(text)]);
  return [
    ...[...names].flatMap((name) => [folded('text', name), wide(folded('text', name))]),
    dnsWire(text),
  ];
}

function urlLiterals({ text }: Indicator): Literal[] {
  // "http://host/" is mostly written without its last slash; recognise() accepts either.
  const shown = /^[^/]+\/\/[^/]+\/$/u.test(text) ? text.slice(0, -1) : text;
  const path = shown.indexOf('/', shown.indexOf('://') + 3);
  const origin = path < 0 ? shown : shown.slice(0, path);
  return [
    withCase(folded('text', shown), shown, origin.length),
    withCase(wide(folded('text', shown)), inUtf16(shown), 2 * origin.length),
    withCase(
      folded('percent', encodeURIComponent(shown)),
      encodeURIComponent(shown),
      encodeURIComponent(origin).length,
    ),
  ];
}

/**
 * The longest text that stands in every spelling of the groups: digits without leading zeros of one group that is
 * not zero, on through groups of four digits, up to a colon. Groups above `last` are left out.
 */
function longestRun(groups: readonly number[], last: number): string {
  let longest = '';
  for (let first = 0; first <= last; first += 1) {
    const head = groups[first] ?? 0;
    if (head === 0) continue;
    let run = (head >= 0x1000 && first > 0 ? ':' : '') + head.toString(16);
    let next = first + 1;
    for (; next <= last && (groups[next] ?? 0) >= 0x1000; next += 1) {
      run += `:${(groups[next] ?? 0).toString(16)}`;
    }
    if (next < 8) run += ':';
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

/** RFC 1035, 3.1: every label after its length, the root's zero last. No length is a letter: all are below 64. */
function dnsWire(name: string): Literal {
  const bytes = name.split('.').map((label) => String.fromCharCode(label.length) + label);
  return { ...folded('dns-wire', `${bytes.join('')}\0`), encoding: 'binary' };
}

const exact = (spelling: Spelling, text: string): Literal => ({
  spelling,
  encoding: 'ascii',
  bytes: new Uint8Array(Buffer.from(text)),
  ignoresCase: false,
});

const folded = (spelling: Spelling, text: string): Literal => ({
  ...exact(spelling, text.toLowerCase()),
  ignoresCase: true,
});

const wide = (literal: Literal): Literal => ({
  ...literal,
  encoding: 'utf16le',
  bytes: new Uint8Array(inUtf16(Buffer.from(literal.bytes).toString())),
});

const withCase = (literal: Literal, cased: string | Uint8Array, from: number): Literal => ({
  ...literal,
  cased: { from, bytes: new Uint8Array(Buffer.from(cased)) },
});

const inUtf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

const binary = (octets: Uint8Array | null): Literal => ({
  spelling: 'bytes',
  encoding: 'binary',
  bytes: octets ?? new Uint8Array(),
  ignoresCase: false,
});
