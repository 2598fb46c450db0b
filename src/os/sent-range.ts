import type { PhysicalAddress } from '../memory/address.ts';

/** Kernel memory that holds bytes which a process gave to a socket: proof of sending, not only of holding. */
export interface SentRange {
  readonly start: PhysicalAddress;
  /** Bytes. */
  readonly length: number;
  /**
   * `page fragment`: what a task last copied into its own fragment page for TCP (Linux `task_struct.task_frag`);
   * `earlier fragment`: the rest of that page: what the task sent before it began the page anew, unless it never
   * filled it so far, and another's bytes are left there from before;
   * `send queue`: data that waits in one of its sockets for the peer's acknowledgement;
   * `send request`: its own pages, locked for the socket driver that is to send them (Windows IRP and MDL).
   */
  readonly source: 'page fragment' | 'earlier fragment' | 'send queue' | 'send request';
}
