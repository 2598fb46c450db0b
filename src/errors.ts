/** What a caller does about a failure: one kind each. Anything else that is thrown is a bug and keeps its stack. */
export type ErrorKind =
  /** The request itself is wrong (arguments, indicator): mend it and ask again. */
  | 'request'
  /** The image cannot be used as what it is, or claims to be. */
  | 'image'
  /** The image was read, but no answer is possible from it. */
  | 'analysis'
  /** The machine we run on said no: file missing, no space, no permission. */
  | 'system'
  /** The caller asked to stop. */
  | 'cancelled';

/** A foreseen failure. The message says: cannot do what, what is, what should be, where. */
export class Ip2ProcessError extends Error {
  readonly kind: ErrorKind;
  /** The place as data: file, byte offset, address … whatever the message speaks of. */
  readonly place: Readonly<Record<string, string | number>>;

  constructor(
    kind: ErrorKind,
    message: string,
    place: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Ip2ProcessError';
    this.kind = kind;
    this.place = place;
  }
}
