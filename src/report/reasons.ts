import { type Attribution, isRequest } from '../attribute/attribution.ts';
import { isConnectedTo, type Proxy } from '../attribute/proxy.ts';
import type { Process, Socket } from '../os/process.ts';

/** Why a process is suspected and what speaks against it: a sentence each, for people. */
export function reasonsOf(
  attribution: Attribution,
  process: Process,
  proxy: Proxy | null,
): { reasons: string[]; counterReasons: string[] } {
  const total = attribution.occurrences.length;
  const requests = [...attribution.byForm]
    .filter(([form]) => isRequest(form))
    .reduce((sum, [, hits]) => sum + hits, 0);
  const reasons: string[] = [];
  const counterReasons: string[] = [];

  if (attribution.isConnectedToIndicator) reasons.push('has a socket to the indicator itself');
  if (proxy && attribution.isConnectedToProxy) {
    const socket = process.sockets.find((one) =>
      isConnectedTo({ ...process, sockets: [one] }, proxy),
    );
    reasons.push(`has a socket to the proxy ${proxy.address}:${proxy.port}${localEnd(socket)}`);
  }
  if (total > 0)
    reasons.push(`holds the indicator in ${places(total)} (${list(attribution.byRegion)})`);
  if (requests > 0) {
    reasons.push(
      `${requests} of them in a form that a client writes to talk (${list(attribution.byForm)})`,
    );
  }
  if (process.isHidden) reasons.push("is missing from the system's own process list");

  if (proxy && !attribution.isConnectedToProxy && !attribution.isConnectedToIndicator) {
    counterReasons.push('had no socket to the proxy when the image was taken');
  }
  if (total > 0 && !attribution.isEvidence) {
    counterReasons.push('holds only the bare address bytes, which stand in memory by chance too');
  }
  if (total > 0 && attribution.exclusive === 0) {
    counterReasons.push('shares every one of these pages with other processes');
  }
  const inFiles = attribution.byRegion.get('file') ?? 0;
  if (total > 0 && inFiles === total) {
    counterReasons.push('holds it only in files that it has mapped: reading, not talking');
  }
  return { reasons, counterReasons };
}

export const places = (count: number): string => (count === 1 ? '1 place' : `${count} places`);

const list = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, hits]) => `${name} ${hits}`)
    .join(', ');

const localEnd = (socket: Socket | undefined): string =>
  socket ? ` (${socket.state ?? socket.protocol}, local port ${socket.local.port})` : '';
