export { FORM_CONTEXT_BYTES, formOf } from './form-of.ts';

/** What an occurrence is in its surroundings, and what that says about whoever holds it. */
export interface Form {
  /** 0 (chance) to 1 (what a client writes to a proxy). A proposal by reason, not a measured probability. */
  readonly weight: number;
  /** One sentence for the report. */
  readonly meaning: string;
  /** Why this weight. */
  readonly reason: string;
}

/** Every form an occurrence can have, the most telling first. */
export const FORMS = {
  'connect-request': {
    weight: 1,
    meaning: 'A CONNECT request line: a client asks its proxy for a tunnel to it.',
    reason: 'Clients write it to a proxy, and hardly anything else writes it (RFC 9110, 9.3.6).',
  },
  'absolute-uri-request': {
    weight: 1,
    meaning: 'A request line with the full URL: a client asks its proxy to fetch from it.',
    reason: 'The absolute form is sent to proxies only (RFC 9112, 3.2.2).',
  },
  'host-header': {
    weight: 1,
    meaning: 'A Host header: an HTTP request to it.',
    reason: 'Part of every HTTP/1.1 request (RFC 9112, 3.2); stands next to the request line.',
  },
  'tls-sni': {
    weight: 0.9,
    meaning: 'The server name of a TLS ClientHello: an encrypted connection to it was begun.',
    reason: 'A structure of nested lengths (RFC 6066, 3) that prose never holds.',
  },
  'sockaddr-in': {
    weight: 0.8,
    meaning: 'A socket address (IPv4) with a port: a program connects, sends or binds to it.',
    reason: 'Family, port and padding around it are a structure (sockaddr_in), not prose.',
  },
  'sockaddr-in6': {
    weight: 0.8,
    meaning: 'A socket address (IPv6) with a port: a program connects, sends or binds to it.',
    reason: 'Family and port before it are a structure (sockaddr_in6), not prose.',
  },
  'dns-answer': {
    weight: 0.8,
    meaning: 'The data of a DNS A or AAAA record: a name was resolved to it.',
    reason: 'Type, class, lifetime and length before it are a structure (RFC 1035, 3.2.1).',
  },
  'dns-wire': {
    weight: 0.8,
    meaning: 'The name as DNS messages carry it: somebody here asked for it, or was told of it.',
    reason: 'Length-prefixed labels (RFC 1035, 3.1) are made by resolvers, not by people.',
  },
  url: {
    weight: 0.8,
    meaning: 'The URL, or the host of a URL.',
    reason: 'Says what to do with it, but pages, logs and lists hold URLs too.',
  },
  'url-percent': {
    weight: 0.8,
    meaning: 'Percent-encoded, as inside the parameters of another URL.',
    reason: 'Written by programs; a plain address needs no encoding unless it is to be hidden.',
  },
  'url-decimal': {
    weight: 0.8,
    meaning: 'A URL whose host is the address as one decimal number.',
    reason: 'Browsers write dotted quads; this spelling hides the address.',
  },
  'url-hex': {
    weight: 0.8,
    meaning: 'A URL whose host is the address in hexadecimal.',
    reason: 'Browsers write dotted quads; this spelling hides the address.',
  },
  'url-octal': {
    weight: 0.8,
    meaning: 'A URL whose host is the address in octal.',
    reason: 'Browsers write dotted quads; this spelling hides the address.',
  },
  'ip-port': {
    weight: 0.6,
    meaning: 'The address with a port, as in configurations, logs and error messages.',
    reason: 'Means an endpoint, not yet a connection.',
  },
  'host-port': {
    weight: 0.6,
    meaning: 'The name with a port, as in configurations, logs and error messages.',
    reason: 'Means an endpoint, not yet a connection.',
  },
  'ipv4-mapped': {
    weight: 0.5,
    meaning: 'The address inside an IPv4-mapped IPv6 address, as dual-stack sockets show it.',
    reason: 'Made by network code rather than by people, but without a port it is a mention.',
  },
  text: {
    weight: 0.4,
    meaning: 'The bare text of the indicator.',
    reason: 'Its boundaries are right, but it could be anything: a log, a list, a page.',
  },
  subdomain: {
    weight: 0.3,
    meaning: 'The end of a longer name: a host below the domain.',
    reason: 'Another name than the one that was asked for, under the same owner.',
  },
  'reverse-name': {
    weight: 0.3,
    meaning: 'The name of the address in the reverse DNS tree: its host name was asked for.',
    reason: 'Asked by loggers and monitors about peers more often than by whoever connects.',
  },
  'ipv6-bytes': {
    weight: 0.1,
    meaning: 'The 16 bytes of the address without a structure around them.',
    reason: 'Not there by chance unless nearly all are zero, but nothing says what they are for.',
  },
  'ipv4-bytes': {
    weight: 0.05,
    meaning: 'The 4 bytes of the address without a structure around them.',
    reason: 'Any 4 bytes stand by chance once in 4 GiB, and often where data is regular.',
  },
} as const satisfies Readonly<Record<string, Form>>;

export type FormName = keyof typeof FORMS;
