import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';

/**
 * The URL, if its host is one that an admin allows: a case is written by many, and must not make us ask any machine of the
 * network.
 *
 * @param hosts "evidence.example.org" is that host, ".example.org" all hosts under it; each on port 443, or with ":8443" on that
 * @throws Ip2ProcessError of kind 'request'; the message never holds what could be a password
 */
export function allowedUrl(text: string, hosts: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) throw refusal(`"${forTerminal(text, 80)}" is not a URL`);
  if (url.username !== '' || url.password !== '') {
    throw refusal(`the URL for ${url.host} holds a user or password`);
  }
  if (url.protocol !== 'https:') throw refusal(`"${url.protocol}//${url.host}" is not https`);
  if (!hosts.some((rule) => isAllowed(url, rule))) {
    throw refusal(
      `${forTerminal(url.host, 120)} is not among the hosts that images may be fetched from; an admin can add it to that list`,
    );
  }
  return url;
}

function isAllowed(url: URL, rule: string): boolean {
  const [, host = '', port = '443'] = /^(.*?)(?::(\d+))?$/.exec(rule.trim().toLowerCase()) ?? [];
  if (host === '' || host === '.' || (url.port || '443') !== port) return false;
  const name = url.hostname.replace(/\.$/, '');
  return host.startsWith('.') ? name.endsWith(host) && name.length > host.length : name === host;
}

const refusal = (reason: string): Ip2ProcessError =>
  new Ip2ProcessError('request', `Cannot fetch the image: ${reason}`);
