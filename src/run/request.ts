import type { EngineChoice } from './choose-engine.ts';
import type { Proxy } from '../attribute/proxy.ts';
import type { IndexRequest } from '../index-file/image-index.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { GrowingSource } from '../memory/growing-source.ts';
import type { Alert } from '../report/findings.ts';
import type { Report } from '../report/report.ts';
import type { ScanTimes } from '../scan/scan-part.ts';

/** What is asked of one image. */
export interface Request {
  readonly indicators: readonly Indicator[];
  /** File of the memory image. */
  readonly image: string;
  /** Its bytes, where they are open already and perhaps still arriving: `image` then only names them. Stays open. */
  readonly source?: GrowingSource;
  /** The machine's web proxy, where known; else it is inferred. */
  readonly proxy?: Proxy | null;
  /** Threads that scan; default: one per core, at most 8. */
  readonly threads?: number;
  /** Folder for the unpacked copy of a compressed image; default: the system's temporary folder. */
  readonly scratch?: string;
  /** Hash the image too, for the record (of a packed one, what it holds): a second read, behind the answer. */
  readonly hash?: boolean;
  /** Look a second time, for the hosts that stand next to the indicators too. */
  readonly pivot?: boolean;
  /** Keep an index of the image, and answer from it where it is there. Not for packed or arriving images. */
  readonly index?: IndexRequest | null;
  /** Compare the image's hash with the index's first. */
  readonly verify?: boolean;
  /** Who answers; default: our own reading of the image. */
  readonly engine?: EngineChoice;
  /** What the alert says of machine and time, to be compared with the image. */
  readonly alert?: Alert | null;
  /** How much of the memory's own text the report shows; default: all of it. */
  readonly contexts?: Report['privacy'];
  /** For the report. */
  readonly toolVersion: string;
}

/** Who is told of the run while it goes on, and can stop it. */
export interface RunOptions {
  /** `done` of `total` bytes of a phase, at most ten times a second. */
  readonly onProgress?: (phase: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Called with the report as soon as it is there, and again with the image's hash in it. The index comes after both. */
  readonly onReport?: (report: Report) => void | Promise<void>;
  /** Told what the threads of a scan spent their time on. */
  readonly onScanned?: (spent: ScanTimes) => void;
  /** Called with what then could not be done: one sentence. */
  readonly onNote?: (note: string) => void;
}
