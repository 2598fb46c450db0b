import type { AxiosProxyConfig } from 'axios';
import { Ip2ProcessError } from '../errors.ts';
import type { Connection } from './thehive.ts';

/**
 * The base URL without its last slash. What is wrong with it is said without showing it whole, since it can hold a password.
 *
 * @throws Ip2ProcessError kind 'request'
 */
export function baseUrlOf({ url }: Connection): string {
  const parsed = URL.canParse(url.trim()) ? new URL(url.trim()) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw refusal('its URL is not one of http or https, such as https://thehive.example.org');
  }
  if (parsed.username || parsed.password) {
    throw refusal(`the URL for ${parsed.host} holds a user or password; use an API key instead`);
  }
  if (parsed.search || parsed.hash) {
    throw refusal(`the URL for ${parsed.host} goes on after its path, with "?" or "#"`);
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}

/** @throws Ip2ProcessError kind 'request' when the key or the organisation cannot stand in a header */
export function headersOf({ apiKey, organisation }: Connection): Record<string, string> {
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw refusal('the API key is empty or has characters that no key has');
  }
  return {
    Accept: 'application/json',
    Authorization: `Bearer ${apiKey}`,
    'User-Agent': 'ip2process',
    ...(organisation ? { 'X-Organisation': headerText(organisation) } : {}),
  };
}

/** HTTP headers are bytes: UTF-8 is sent as such (Node takes one character per byte), and nothing ends the line. */
function headerText(text: string): string {
  if (/\p{Cc}/u.test(text)) throw refusal("the organisation's name has control characters");
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** `false` and not `undefined`: the environment's proxy variables are left alone. */
export function proxyOf({ proxy }: Connection): AxiosProxyConfig | false {
  if (!proxy) return false;
  const url = URL.canParse(proxy) ? new URL(proxy) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw refusal('its proxy is not a URL of http or https, such as http://proxy.example.org:3128');
  }
  const scheme = url.protocol.slice(0, -1);
  return {
    protocol: scheme,
    host: url.hostname,
    port: Number(url.port || (scheme === 'https' ? 443 : 80)),
    ...(url.username
      ? {
          auth: {
            username: decodeURIComponent(url.username),
            password: decodeURIComponent(url.password),
          },
        }
      : {}),
  };
}

/** @throws Ip2ProcessError kind 'request' for a segment that would climb out of its folder */
export function pathOf(base: string, segments: readonly string[]): string {
  const encoded = segments.map((segment) => {
    if (/^\.{0,2}$/.test(segment)) {
      throw refusal(`"${segment}" cannot be an identifier`);
    }
    return encodeURIComponent(segment);
  });
  return [base, ...encoded].join('/');
}

const refusal = (reason: string): Ip2ProcessError =>
  new Ip2ProcessError('request', `Cannot ask TheHive: ${reason}`);
