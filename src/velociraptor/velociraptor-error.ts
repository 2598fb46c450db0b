import { Ip2ProcessError } from '../errors.ts';

/** What a caller can do about it differs: mend the settings, ask somebody for a right, wait, or look at the machine. */
export type VelociraptorReason =
  /** The API file cannot be used as it is. */
  | 'settings'
  /** The certificate of ours has expired, or one of both does not trust the other's. */
  | 'certificate'
  /** Nobody answers there, or it is not the API's port. */
  | 'unreachable'
  /** The user of the API lacks a permission. */
  | 'denied'
  /** No answer in time. */
  | 'slow'
  /** An answer in one message is larger than we take. */
  | 'too-large'
  /** No such client, artifact, flow or upload, or no single one. */
  | 'missing'
  /** The query itself failed there, or answered in another shape. */
  | 'failed'
  /** An upload ended early, or its bytes are not those that were sent. */
  | 'broken-upload';

/** Velociraptor did not do what was asked. The message holds no secret; what was collected stays on its server. */
export class VelociraptorError extends Ip2ProcessError {
  readonly reason: VelociraptorReason;

  constructor(
    reason: VelociraptorReason,
    message: string,
    place: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    super('system', message, place, options);
    this.name = 'VelociraptorError';
    this.reason = reason;
  }
}
