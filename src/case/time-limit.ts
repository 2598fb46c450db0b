import { Ip2ProcessError } from '../errors.ts';

/** The end of the time that a run has: what is there when it strikes is an answer. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Says that it struck, without a full stop. */
  readonly text: string;
}

/** What may end a run. */
export interface Endings {
  /** Somebody wants nothing of it any more. */
  readonly signal?: AbortSignal;
  readonly limit?: TimeLimit;
}

/** Both as one, for those who need not know which it was. */
export function eitherOf({ signal, limit }: Endings): { readonly signal?: AbortSignal } {
  if (!limit) return signal ? { signal } : {};
  return { signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal };
}

/**
 * Runs it, unless the limit has struck already. What the limit ends has failed and says so, as anything else may fail, and
 * what is there beside it stays; who wants nothing any more gets 'cancelled' as before.
 *
 * @throws Ip2ProcessError kind 'system' with the limit's text
 */
export async function withinLimit<Result>(
  run: () => Promise<Result>,
  { signal, limit }: Endings,
): Promise<Result> {
  const isReached = (): boolean => limit?.signal.aborted === true && signal?.aborted !== true;
  if (isReached()) throw reached();
  try {
    return await run();
  } catch (error) {
    const isCancelled = error instanceof Ip2ProcessError && error.kind === 'cancelled';
    throw isCancelled && isReached() ? reached(error) : error;
  }

  function reached(cause?: Ip2ProcessError): Ip2ProcessError {
    return new Ip2ProcessError('system', limit?.text ?? '', {}, { cause });
  }
}
