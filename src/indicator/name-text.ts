import { domainToASCII } from 'node:url';

/**
 * A domain name in lower case and punycode, without the dot of the root.
 * Throws `RangeError` with what is wrong: fewer than two labels, or no name that DNS could carry (RFC 1035, 2.3.4;
 * underscores are allowed, for they are in use).
 */
export function canonicalDomain(text: string): string {
  if (text.startsWith('*.')) {
    throw new RangeError(
      'it is a wildcard; give the name after "*.", its subdomains are found with it',
    );
  }
  // domainToASCII() would read "a/b", "a:1" or "a?b" as a URL's host and silently cut it.
  const name = /[\s/?#@:\\%]/u.test(text) ? '' : domainToASCII(text.replace(/\.$/u, ''));
  const labels = name.split('.');
  if (name === '' || name.length > 253 || !labels.every((label) => LABEL.test(label))) {
    throw new RangeError('it is no IP address and no valid domain name');
  }
  if (labels.length < 2) {
    throw new RangeError('one label alone stands everywhere in memory; give the full domain name');
  }
  return name;
}

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/u;

/**
 * A URL as the URL standard writes it: scheme and host in lower case, default port left off. The fragment is left
 * off too, for it never goes over the wire. Throws `RangeError` with what is wrong.
 */
export function canonicalUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw new RangeError('it is no valid URL');
  if (!SCHEMES.has(url.protocol)) {
    throw new RangeError(
      `its scheme is "${url.protocol.slice(0, 20)}", accepted are ${[...SCHEMES].join(' ')}`,
    );
  }
  url.hash = '';
  return url.href;
}

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'ftp:', 'ws:', 'wss:']);
