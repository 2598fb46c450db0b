import type { Proxy } from '../attribute/proxy.ts';
import { Ip2ProcessError } from '../errors.ts';
import { parseIndicator } from '../indicator/parse-indicator.ts';
import { forTerminal } from '../report/text-safety.ts';

/** "172.31.0.250:8080" or "[2001:db8::1]:3128", as people give it. @throws Ip2ProcessError kind 'request' */
export function givenProxy(text: string): Proxy {
  const [, address, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(text.trim()) ?? [];
  const number = Number(port);
  if (address !== undefined && number > 0 && number <= 65_535) {
    const { kind, text: canonical } = parseIndicator(address);
    if (kind === 'ipv4' || kind === 'ipv6') {
      return { address: canonical, port: number, source: 'given' };
    }
  }
  throw new Ip2ProcessError(
    'request',
    `Cannot use the proxy "${forTerminal(text, 80)}": it should be an IP address and a port, like 172.31.0.250:8080`,
  );
}
