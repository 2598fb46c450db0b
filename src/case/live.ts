import type { Machines } from './machines.ts';
import { collectImage } from '../velociraptor/collect-image.ts';
import type { Connection } from '../velociraptor/connection.ts';
import { liveScan } from '../velociraptor/live-scan.ts';

export interface CaseLiveOptions {
  /** How long to wait for a machine, asked anew for each. */
  readonly waitMs: () => number;
  /** Whether images may be taken: gigabytes over the network. */
  readonly collects: boolean;
  readonly signal: AbortSignal;
  readonly onState?: (sentence: string) => void;
}

/** The running machines of a case, by a Velociraptor server. */
export function machinesBy(
  connection: Connection,
  { waitMs, collects, signal, onState }: CaseLiveOptions,
): Machines {
  const waiting = () => ({ waitMs: waitMs(), signal, ...(onState ? { onState } : {}) });
  return {
    ask: (question) => liveScan(connection, question, waiting()),
    collect: collects
      ? async ({ machine, caseId }) => {
          const image = await collectImage(connection, machine, { ...waiting(), caseId });
          const { client, flow, path, sha256, hostName } = image;
          return {
            name: path,
            host: hostName || machine,
            bytes: null,
            sha256,
            observable: null,
            source: { kind: 'velociraptor', client, flow, path },
          };
        }
      : null,
  };
}
