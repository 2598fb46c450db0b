import { setTimeout as wait } from 'node:timers/promises';
import { Ip2ProcessError } from '../errors.ts';
import { forTerminal } from '../report/text-safety.ts';
import { fault, faultOf } from './fault.ts';
import type { Session } from './session.ts';
import type { Attachment, Download, DownloadOptions } from './thehive.ts';
import type { TheHiveError } from './thehive-error.ts';
import { DEFAULT_RETRIES, DEFAULT_TIMEOUT_MS, type Call, type StreamAnswer } from './transport.ts';
import { unlockZip } from './zip-crypto.ts';

/** The server's default, `datastore.attachment.password`. */
const ZIP_PASSWORD = 'malware';
/** TheHive 4 packs the whole zip before its first byte; 10 minutes are several GB on a slow disk, and nginx's limit too. */
const ZIP_TIMEOUT_MS = 10 * 60_000;
const DEFAULT_DELAY_MS = 500;

/** @throws TheHiveError at once when the file is not to be had; later ones come from `chunks` */
export async function openDownload(
  session: Session,
  attachment: Attachment,
  options: DownloadOptions = {},
): Promise<Download> {
  const from = options.from ?? 0;
  const first = await ask(session, attachment, options, from);
  return {
    size: attachment.size - from,
    chunks: chunksOf(session, attachment, options, first),
  };
}

/** An answer, and the place in the file of the first byte that it will give. */
interface Piece {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly start: number;
  readonly close: () => void;
}

async function* chunksOf(
  session: Session,
  attachment: Attachment,
  options: DownloadOptions,
  first: Piece,
): AsyncGenerator<Uint8Array> {
  const { connection } = session.transport;
  const call = callOf(session, attachment, options, 0);
  const mostRepeats = connection.retries ?? DEFAULT_RETRIES;
  let piece = first;
  let place = options.from ?? 0;
  for (let repeats = 0; ; repeats += 1) {
    const failure = yield* rest();
    if (!failure) return;
    if (repeats >= mostRepeats || !isPassing(failure)) throw failure;
    await pause((connection.retryDelayMs ?? DEFAULT_DELAY_MS) * 2 ** repeats, options, connection);
    piece = await ask(session, attachment, options, place);
  }

  /** What is still to come of the piece at hand; returns how it broke, if it did. */
  async function* rest(): AsyncGenerator<Uint8Array, Ip2ProcessError | null> {
    let at = piece.start;
    try {
      const silenceMs = connection.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      for await (const chunk of unlessSilent(piece.bytes, silenceMs, piece.close)) {
        const fresh = chunk.subarray(Math.max(0, place - at));
        at += chunk.length;
        if (at > attachment.size)
          return transferFault(`more than its ${attachment.size} bytes came`);
        place = Math.max(place, at);
        if (fresh.length > 0) yield fresh;
      }
    } catch (error) {
      return broken(error);
    } finally {
      piece.close();
    }
    return place === attachment.size ? null : cut();
  }

  function broken(error: unknown): Ip2ProcessError | Promise<Ip2ProcessError> {
    if (error instanceof Silence)
      return fault('slow', `no byte came for ${error.ms} ms`, call, connection, { place });
    if (error instanceof Ip2ProcessError) return error;
    const stopped = options.signal?.aborted || connection.signal?.aborted;
    return stopped ? faultOf(error, { ...call, ...signalOf(options) }, connection) : cut();
  }

  function cut(): TheHiveError {
    return transferFault(`the connection was cut after ${place} of ${attachment.size} bytes`);
  }

  function transferFault(what: string): TheHiveError {
    return fault('broken-transfer', what, call, connection, { place, size: attachment.size });
  }
}

/** Worth asking again: what lay on the way, not what TheHive answered. */
const isPassing = (failure: Ip2ProcessError): boolean =>
  'reason' in failure && (failure.reason === 'broken-transfer' || failure.reason === 'slow');

async function ask(
  session: Session,
  attachment: Attachment,
  options: DownloadOptions,
  from: number,
): Promise<Piece> {
  const call = callOf(session, attachment, options, from);
  const answer = await session.transport.stream(call);
  const refuse = (what: string): TheHiveError => {
    answer.body.destroy();
    return fault('broken-transfer', what, call, session.transport.connection, {
      size: attachment.size,
    });
  };
  const encoding = answer.header('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    throw refuse(`a proxy packs the bytes on the way (${forTerminal(encoding, 40)})`);
  }
  if (/html/i.test(answer.header('content-type') ?? '') && !/\.html?$/i.test(attachment.name)) {
    answer.body.destroy();
    throw fault(
      'not-thehive',
      'the answer is a web page and not the file',
      call,
      session.transport.connection,
    );
  }
  const close = (): void => void answer.body.destroy();
  if (options.form === 'zip') {
    const password = options.password ?? ZIP_PASSWORD;
    return { bytes: unlockZip(answer.body, password, attachment.size), start: 0, close };
  }
  const start = startOf(answer, from);
  if (start === null) throw refuse('it answers with another part of the file than asked for');
  const length = answer.header('content-length');
  if (length !== null && Number(length) !== attachment.size - start) {
    throw refuse(
      `${forTerminal(length, 20)} bytes would come, but the case says ${attachment.size - start}`,
    );
  }
  return { bytes: answer.body, start, close };
}

/** RFC 9110, 14.4. A server without ranges answers 200 and begins at the beginning. */
function startOf(answer: StreamAnswer, from: number): number | null {
  if (answer.status !== 206) return 0;
  const range = /^bytes (\d+)-/.exec(answer.header('content-range') ?? '');
  return range && Number(range[1]) === from ? from : null;
}

function callOf(
  { version }: Session,
  { id, name, holder }: Attachment,
  options: DownloadOptions,
  from: number,
): Call {
  const isZip = options.form === 'zip';
  const ofCase = ['api', 'v1', 'attachment', id, 'download'];
  const ofObservable = ['api', 'v1', 'observable', holder.id, 'attachment', id, 'download'];
  const path =
    version === 4
      ? ['api', isZip ? 'datastorezip' : 'datastore', id]
      : holder.kind === 'case'
        ? ofCase
        : ofObservable;
  if (isZip && version === 5 && holder.kind === 'case') {
    throw new Ip2ProcessError(
      'request',
      'Cannot download a file of the case itself as a zip: TheHive 5 packs those of observables only',
    );
  }
  const query = version === 4 ? { name: 'attachment' } : isZip ? { asZip: 'true' } : null;
  return {
    method: 'GET',
    path,
    task: `download "${forTerminal(name, 80)}"`,
    headers: {
      Accept: '*/*',
      'Accept-Encoding': 'identity',
      ...(from > 0 && !isZip ? { Range: `bytes=${from}-` } : {}),
    },
    ...(query ? { query } : {}),
    ...(isZip ? { timeoutMs: ZIP_TIMEOUT_MS } : {}),
    ...signalOf(options),
  };
}

const signalOf = ({ signal }: DownloadOptions): { signal?: AbortSignal } =>
  signal ? { signal } : {};

class Silence extends Error {
  readonly ms: number;
  constructor(ms: number) {
    super(`no byte for ${ms} ms`);
    this.ms = ms;
  }
}

/** Ends a stream that gives nothing for so long. The clock runs only while we wait for the server, not for our reader. */
async function* unlessSilent(
  bytes: AsyncIterable<Uint8Array>,
  ms: number,
  close: () => void,
): AsyncGenerator<Uint8Array> {
  let isSilent = false;
  const iterator = bytes[Symbol.asyncIterator]();
  for (;;) {
    const timer = setTimeout(() => {
      isSilent = true;
      close();
    }, ms);
    try {
      const next = await iterator.next();
      // A destroyed stream may end as if it were complete.
      if (isSilent) throw new Silence(ms);
      if (next.done) return;
      clearTimeout(timer);
      yield next.value;
    } catch (error) {
      throw isSilent ? new Silence(ms) : error;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function pause(
  ms: number,
  { signal }: DownloadOptions,
  connection: { readonly signal?: AbortSignal },
): Promise<void> {
  const signals = [signal, connection.signal].filter((given) => given !== undefined);
  try {
    await wait(ms, undefined, { signal: AbortSignal.any(signals) });
  } catch (error) {
    throw new Ip2ProcessError(
      'cancelled',
      'Cannot go on with the download: the run was stopped',
      {},
      { cause: error },
    );
  }
}
