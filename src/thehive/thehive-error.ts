import { Ip2ProcessError } from '../errors.ts';

/** What a caller can do about it differs: fall back, say so and go on, or stop. */
export type TheHiveReason =
  /** No answer: down, wrong address, TLS, proxy. */
  | 'unreachable'
  /** It did not answer, or stopped answering, in time. */
  | 'slow'
  /** 401: key or organisation. */
  | 'unauthenticated'
  /** 403: the key lacks a permission. */
  | 'forbidden'
  /** 404: not there, deleted, or not shared with this organisation. */
  | 'missing'
  /** 413. */
  | 'too-large'
  /** 429, after the repeats. */
  | 'busy'
  /** 5xx, after the repeats. */
  | 'server'
  /** 400 and other 4xx: it understood and said no. */
  | 'refused'
  /** A web page, a redirect, or JSON of another shape: probably not TheHive's API. */
  | 'not-thehive'
  /** A download ended early or late. */
  | 'broken-transfer'
  /** The case is closed: nothing is written to it. */
  | 'case-closed';

/** TheHive did not do what was asked. The message holds no secret; `place` has url, status, and what was asked for. */
export class TheHiveError extends Ip2ProcessError {
  readonly reason: TheHiveReason;
  /** The call may be made again, and was, where that helps: once more would give the same. */
  readonly isRepeatable: boolean;

  constructor(
    reason: TheHiveReason,
    message: string,
    place: Readonly<Record<string, string | number>> = {},
    isRepeatable = false,
  ) {
    super('system', message, place);
    this.name = 'TheHiveError';
    this.reason = reason;
    this.isRepeatable = isRepeatable;
  }
}
