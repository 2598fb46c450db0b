/** A socket of a built machine, whatever its system. */
export interface SocketTruth {
  /** Null: its owner is no process any more. */
  readonly pid: number | null;
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  readonly local: string;
  readonly remote: string | null;
  readonly state: string | null;
}
