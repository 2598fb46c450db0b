import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Ip2ProcessError } from '../errors.ts';
import type { ByteStream, UploadSource } from '../evidence/evidence.ts';
import { forTerminal } from '../report/text-safety.ts';
import type { Connection } from './connection.ts';
import { findUpload, type StoredUpload } from './find-upload.ts';
import { VelociraptorError } from './velociraptor-error.ts';

export interface FetchOptions {
  /** Asked for at once. Halved where the server, or something before it, takes no such message. Default: 2 MiB. */
  readonly pieceBytes?: number;
  /** Times in a row that one piece is asked for again. Default: 5. */
  readonly retries?: number;
  /** First wait before that, doubled each time. Default: 500. */
  readonly retryDelayMs?: number;
}

const PIECE_BYTES = 2 ** 21;
const SMALLEST_PIECE_BYTES = 2 ** 16;
const RETRIES = 5;
const RETRY_DELAY_MS = 500;

/** Uploads of Velociraptor as `evidence/` wants them: checked to be whole, fetched by offset, taken up where it broke. */
export const uploadSource = (connection: Connection, options: FetchOptions = {}): UploadSource => ({
  async upload(from, { signal } = {}) {
    const found = await findUpload(connection, from);
    return streamOf(connection, found, options, signal);
  },
});

function streamOf(
  connection: Connection,
  { size, components, sha256, path }: StoredUpload,
  { pieceBytes = PIECE_BYTES, retries = RETRIES, retryDelayMs = RETRY_DELAY_MS }: FetchOptions,
  signal?: AbortSignal,
): ByteStream {
  const name = forTerminal(path, 120);
  return { size, chunks: chunksOf() };

  async function* chunksOf(): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let at = 0;
    let piece = pieceBytes;
    let failures = 0;
    while (at < size) {
      let bytes: Uint8Array;
      let why = 'it gave no bytes';
      try {
        bytes = await connection.read(components, at, Math.min(piece, size - at), signal);
      } catch (error) {
        if (!(error instanceof VelociraptorError)) throw error;
        if (error.reason === 'too-large' && piece > SMALLEST_PIECE_BYTES) {
          piece = Math.max(SMALLEST_PIECE_BYTES, Math.floor(piece / 2));
          continue;
        }
        if (error.reason !== 'unreachable' && error.reason !== 'slow') throw error;
        why = error.message;
        bytes = new Uint8Array(0);
      }
      // A read that failed on the server's disk comes as no bytes too: the place tells it from the end.
      if (bytes.length === 0) {
        failures += 1;
        if (failures > retries) {
          throw new VelociraptorError(
            'broken-upload',
            `Cannot fetch "${name}": it broke at byte ${at} of ${size}, ${failures} times (${why}); it stays on the server, try again later`,
            { at, size },
          );
        }
        await wait(retryDelayMs * 2 ** (failures - 1), undefined, signal ? { signal } : {}).catch(
          () => {
            throw new Ip2ProcessError(
              'cancelled',
              `Cannot finish fetching "${name}": it was stopped`,
            );
          },
        );
        continue;
      }
      failures = 0;
      const part = bytes.subarray(0, size - at);
      hash.update(part);
      at += part.length;
      if (at >= size) {
        const found = hash.digest('hex');
        if (sha256 !== null && found !== sha256) {
          throw new VelociraptorError(
            'broken-upload',
            `Cannot use "${name}": its SHA-256 is ${found}, the machine sent ${sha256}; it was damaged on the way or on the server, and nothing of it may be used`,
          );
        }
      }
      yield part;
    }
  }
}
