import type { ByteSource } from './byte-source.ts';

/**
 * A file whose last bytes are still on their way. Its `size` is what it will have; `read` gives what is here, so whoever
 * reads first asks `available` or awaits `whenAvailable`.
 */
export interface GrowingSource extends ByteSource {
  /** Bytes that are here, counted from the first. */
  readonly available: number;
  /** Resolves when the first `end` bytes (or all, if fewer) are here; rejects with the reason why they will not be. */
  whenAvailable(end: number): Promise<void>;
  /** Resolves when all is here and is what it should be: until then nothing that was read may be told as a fact. */
  readonly complete: Promise<Arrival>;
}

/** A file that has arrived. */
export interface Arrival {
  readonly bytes: number;
  /** Lower-case hex; null where nobody asked for it. */
  readonly sha256: string | null;
}
