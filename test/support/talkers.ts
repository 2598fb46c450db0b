import { expectedPlaces, type LabTruth } from './truth.ts';

/** As the lab wrote it down; the model image's truth says it by its sockets: there each holder with one talks. */
export function talkersOf(truth: LabTruth): number[] {
  const written = truth.processes.filter(({ talks }) => talks === true).map(({ pid }) => pid);
  const holders = new Set(expectedPlaces(truth, truth.indicator.ipv4).map(({ pid }) => pid));
  const proxy = `-> ${truth.indicator.proxy}:${truth.indicator.proxyPort}`;
  const connected = [...truth.tcpSockets]
    .filter(([pid, sockets]) => holders.has(pid) && sockets.some((text) => text.includes(proxy)))
    .map(([pid]) => pid);
  const isWritten = truth.processes.some(({ talks }) => talks !== null);
  return isWritten ? written.filter((pid) => holders.has(pid)) : connected;
}
