import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Ip2ProcessError } from '../errors.ts';
import { fileSource } from '../memory/byte-source.ts';
import type { Arrival, GrowingSource } from '../memory/growing-source.ts';
import type { ByteStream } from './evidence.ts';
import type { LandingFile } from './landing-file.ts';

/** What a file must turn out to be. */
export interface Expected {
  /** For messages: harmless text. */
  readonly name: string;
  readonly bytes: number | null;
  /** Lower-case hex. */
  readonly sha256: string | null;
  /** More than this is refused, whoever says that it is right. */
  readonly largestBytes: number;
}

/** Written and hashed at once: few system calls, and a millisecond of everybody's time. */
const PIECE_BYTES = 2 ** 20;

/**
 * Writes a stream to a file, which can be read meanwhile. What is wrong later (cut, longer than stated, another hash, disk
 * full, cancelled) rejects `complete` and whoever waits; then nothing that was read may be used.
 *
 * Resolves when the size is known: at once where anybody states it, else when all is here.
 *
 * @param onVerified what is done with the whole file before it counts as complete
 * @throws Ip2ProcessError of kind 'image' when two statements about its size disagree, or it is too large
 */
export async function arriving(
  stream: ByteStream,
  file: LandingFile,
  expected: Expected,
  signal: AbortSignal,
  onVerified: (file: LandingFile) => Promise<void> = () => Promise.resolve(),
): Promise<GrowingSource> {
  const size = expected.bytes ?? stream.size;
  if (stream.size !== null && size !== stream.size) {
    throw wrongSize(expected, `${stream.size} bytes would come`, size);
  }
  if (size !== null && size > expected.largestBytes) throw tooLarge(expected, size);
  // Zeros are not written: only so are they there when they are read.
  if (size !== null) await file.truncate(size);

  let here = 0;
  let hasFailed = false;
  const waiting = new Set<Waiting>();
  const wake = (): void => {
    for (const one of [...waiting].filter(({ end }) => end <= here)) {
      waiting.delete(one);
      one.resolve();
    }
  };
  const complete = receive().then(
    (arrival) => {
      here = arrival.bytes;
      wake();
      return arrival;
    },
    (error: unknown) => {
      hasFailed = true;
      for (const one of waiting) one.reject(error);
      waiting.clear();
      throw error;
    },
  );
  // Whoever needs to know asks; the rest of the program need not fall.
  complete.catch(() => undefined);
  const finalSize = size ?? (await complete).bytes;

  return {
    ...fileSource(file.fd, finalSize),
    close: () => undefined,
    get available() {
      return here;
    },
    async whenAvailable(end) {
      const least = Math.min(end, finalSize);
      // The last byte counts as here only when the hash is right.
      if (least >= finalSize || hasFailed) await complete;
      else if (here < least) {
        await new Promise<void>((resolve, reject) => {
          waiting.add({ end: least, resolve, reject });
        });
      }
    },
    complete,
  };

  async function receive(): Promise<Arrival> {
    const hash = createHash('sha256');
    const piece = new Uint8Array(PIECE_BYTES);
    const limit = size ?? expected.largestBytes;
    let written = 0;
    let filled = 0;
    for await (const chunk of untilAborted(stream.chunks, expected, signal)) {
      if (written + filled + chunk.length > limit) {
        throw size === null
          ? tooLarge(expected, written + filled + chunk.length)
          : wrongSize(expected, `more than ${size} bytes came`, size);
      }
      for (let at = 0; at < chunk.length;) {
        const part = chunk.subarray(at, at + PIECE_BYTES - filled);
        piece.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === PIECE_BYTES) await flush();
      }
    }
    await flush();
    if (size !== null && written !== size) {
      throw wrongSize(expected, `only ${written} bytes came`, size);
    }
    if (size === null) await file.truncate(written);
    const arrival = verified({ bytes: written, sha256: hash.digest('hex') }, expected);
    await onVerified(file);
    return arrival;

    async function flush(): Promise<void> {
      const bytes = piece.subarray(0, filled);
      hash.update(bytes);
      await file.write(bytes, written);
      written += filled;
      filled = 0;
      here = size === null ? 0 : Math.min(written, size - 1);
      wake();
    }
  }
}

interface Waiting {
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A file that is here already. Where its hash is stated it is checked while others read. The handle stays the caller's. */
export function present(
  file: FileHandle,
  size: number,
  expected: Expected,
  signal: AbortSignal,
): GrowingSource {
  if (expected.bytes !== null && expected.bytes !== size) {
    throw wrongSize(expected, `it has ${size} bytes`, expected.bytes);
  }
  if (size > expected.largestBytes) throw tooLarge(expected, size);
  const complete =
    expected.sha256 === null
      ? Promise.resolve({ bytes: size, sha256: null })
      : sha256Of(file, size, expected, signal).then((sha256) =>
          verified({ bytes: size, sha256 }, expected),
        );
  complete.catch(() => undefined);
  return {
    ...fileSource(file.fd, size),
    close: () => undefined,
    available: size,
    whenAvailable: () => Promise.resolve(),
    complete,
  };
}

async function sha256Of(
  file: FileHandle,
  size: number,
  expected: Expected,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE_BYTES);
  for (let offset = 0; offset < size;) {
    if (signal.aborted) throw cancelled(expected);
    const { bytesRead } = await file.read(piece, 0, Math.min(PIECE_BYTES, size - offset), offset);
    if (bytesRead === 0) throw wrongSize(expected, `it ends after ${offset} bytes`, size);
    hash.update(piece.subarray(0, bytesRead));
    offset += bytesRead;
  }
  return hash.digest('hex');
}

/** The chunks; ends at once when the signal says so, even where their source hangs. */
async function* untilAborted(
  chunks: AsyncIterable<Uint8Array>,
  expected: Expected,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let stop: ((reason: unknown) => void) | null = null;
  const onAbort = (): void => stop?.(cancelled(expected));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      // No `Promise.race` with one lasting promise: it would remember every chunk.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stop = reject;
        if (signal.aborted) onAbort();
        else iterator.next().then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    throw signal.aborted ? cancelled(expected) : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not awaited: a source that hangs would keep us.
    iterator.return?.().catch(() => undefined);
  }
}

function verified(arrival: Arrival, expected: Expected): Arrival {
  if (expected.sha256 === null || arrival.sha256 === expected.sha256) return arrival;
  throw new Ip2ProcessError(
    'image',
    `Cannot use "${expected.name}": its SHA-256 is ${arrival.sha256}, it should be ${expected.sha256}; it was damaged or exchanged on the way or where it is kept, and nothing of it was used`,
  );
}

const wrongSize = (expected: Expected, what: string, size: number | null): Ip2ProcessError =>
  new Ip2ProcessError(
    'image',
    `Cannot use "${expected.name}": ${what}, there should be ${size}; it was cut or exchanged on the way or where it is kept, and nothing of it was used`,
  );

const tooLarge = (expected: Expected, bytes: number): Ip2ProcessError =>
  new Ip2ProcessError(
    'image',
    `Cannot fetch "${expected.name}": it has ${bytes} bytes or more, at most ${expected.largestBytes} are allowed; raise the limit, or put the image into the evidence folder`,
    { bytes, limit: expected.largestBytes },
  );

const cancelled = (expected: Expected): Ip2ProcessError =>
  new Ip2ProcessError('cancelled', `Cannot finish fetching "${expected.name}": it was stopped`);
