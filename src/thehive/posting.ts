import type { Report } from '../report/report.ts';
import type { Case, Observable } from './thehive.ts';

/** What of a case a report is about, and how it is to be told there. */
export interface PostingContext {
  readonly case: Case;
  /** Which observable each indicator came from; an indicator without one gets no tags. */
  readonly sources: readonly Source[];
  /** The observable that was clicked; null when it was the case. The only one that operations can tag. */
  readonly clicked: Observable | null;
  readonly image: {
    /** As the case knows it, not the temporary file. */
    readonly name: string;
    readonly sha256: string | null;
    /** It is a file of the case, so its hash is there already. */
    readonly isInCase: boolean;
  };
  readonly limits?: PostingLimits;
}

export interface Source {
  /** Canonical text, as in the report. */
  readonly indicator: string;
  readonly observable: Observable;
}

export interface PostingLimits {
  /** Type of the process observables, where TheHive has it (else 'other'); default 'process'. */
  readonly processType?: string;
  /** Observables that one report adds at most; default 50. */
  readonly observables?: number;
}

export const DEFAULT_PROCESS_TYPE = 'process';
export const DEFAULT_OBSERVABLES = 50;

/** Name of the machine for people: its own, else that of the image. */
export const hostOf = ({ system, live }: Report, { image }: PostingContext): string =>
  system?.hostName?.trim() ||
  live?.provenance.hostName?.trim() ||
  image.name.replace(/\.(raw|lime|mem|dmp|vmem|core|xz|gz|zst|zip)$/gi, '') ||
  'host';
