/** What a handler of the stand-in answers. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of `body`: bytes as they come, without a length unless the headers say it. */
  readonly stream?: Iterable<Uint8Array>;
}

/** Ends a request as TheHive does: {type, message}. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
  toAnswer(): Answer {
    return { status: this.status, body: { type: this.type, message: this.message } };
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, 'BadRequest', message);
export const notFound = (what: string): Refusal =>
  new Refusal(404, 'NotFoundError', `${what} not found`);
export const notPermitted = (): Refusal =>
  new Refusal(403, 'AuthorizationError', 'Operation not permitted');
