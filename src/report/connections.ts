import { isConnectedTo } from '../attribute/proxy.ts';
import type { Findings } from './findings.ts';
import type { Report } from './report.ts';

const MOST = 500;

/** Every socket to the proxy or to an indicator; those of processes that hold the indicator first. */
export function connectionsOf({
  engine,
  proxy,
  indicators,
  attributions,
}: Findings): Report['connections'] {
  const holders = new Set(
    attributions
      .filter(({ holdings, sent }) => holdings.units > 0 || sent.length > 0)
      .map(({ process }) => process),
  );
  const addresses = new Set(indicators.map(({ text }) => text));
  const connections = engine.processes.flatMap((process, index) =>
    process.sockets.flatMap((socket) => {
      const isToIndicator = socket.remote !== null && addresses.has(socket.remote.address);
      const isToProxy = proxy !== null && isConnectedTo({ ...process, sockets: [socket] }, proxy);
      if (!isToIndicator && !isToProxy) return [];
      const { protocol, local, remote, state } = socket;
      return [
        {
          pid: process.pid,
          name: process.name,
          peer: isToIndicator ? ('indicator' as const) : ('proxy' as const),
          holdsIndicator: holders.has(index),
          protocol,
          local,
          remote,
          state,
        },
      ];
    }),
  );
  return connections
    .toSorted((one, other) => Number(other.holdsIndicator) - Number(one.holdsIndicator))
    .slice(0, MOST);
}
