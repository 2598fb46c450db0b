import type { Endpoint, Process } from '../os/process.ts';

/** The web proxy that the machine's traffic goes through. */
export interface Proxy extends Endpoint {
  /** Given by the analyst, or taken from the sockets in the image. */
  readonly source: 'given' | 'inferred';
}

/** Ports on which web proxies usually listen: Squid, tinyproxy, Blue Coat, McAfee, Zscaler, Privoxy, SOCKS. */
const PROXY_PORTS = new Set([
  3128, 8080, 8000, 8008, 8081, 8088, 8118, 8443, 8888, 9090, 9400, 9480, 10080, 1080,
]);

/**
 * The endpoint on a proxy-like port to which most processes are connected, two at least; null where there is none.
 * One process alone proves nothing: its peer may be any server.
 */
export function inferProxy(processes: readonly Process[]): Proxy | null {
  const clients = new Map<string, { endpoint: Endpoint; count: number }>();
  for (const process of processes) {
    const peers = new Map(
      process.sockets
        .flatMap(({ remote }) => (remote && PROXY_PORTS.has(remote.port) ? [remote] : []))
        .map((remote) => [`${remote.address} ${remote.port}`, remote]),
    );
    for (const [key, endpoint] of peers) {
      const known = clients.get(key);
      clients.set(key, { endpoint, count: (known?.count ?? 0) + 1 });
    }
  }
  const [best, second] = [...clients.values()].toSorted((a, b) => b.count - a.count);
  if (!best || best.count < 2 || best.count === second?.count) return null;
  return { address: best.endpoint.address, port: best.endpoint.port, source: 'inferred' };
}

/** Does a process have a socket to this endpoint? */
export const isConnectedTo = (process: Process, { address, port }: Endpoint): boolean =>
  process.sockets.some(({ remote }) => remote?.address === address && remote.port === port);
