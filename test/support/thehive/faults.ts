/** Something that goes wrong with the next requests that fit. */
export interface Fault {
  /** Of "GET /api/v1/case/~1". */
  readonly when: RegExp;
  /** How often; default: always. */
  readonly times?: number;
  /** Requests that pass before. */
  readonly after?: number;
  readonly what:
    | {
        readonly kind: 'status';
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
      }
    /** The connection is cut without an answer. */
    | { readonly kind: 'reset' }
    /** It is done, but the answer gets lost. */
    | { readonly kind: 'lost-answer' }
    /** No answer, ever. */
    | { readonly kind: 'silence' }
    /** A download's body ends after so many bytes: cut, silent, as if complete, or never, drop by drop. */
    | {
        readonly kind: 'body';
        readonly after: number;
        readonly ending: 'cut' | 'silence' | 'end' | 'drip';
      }
    /** A download gives other bytes. */
    | { readonly kind: 'wrong-bytes' }
    /** Something happens in the world just before the request is looked at. */
    | { readonly kind: 'meanwhile'; readonly do: () => void };
}

/** The web page that a proxy, a login or the application itself gives. */
export const WEB_PAGE = '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head></html>';

export const webPage = (status: number): Fault['what'] => ({
  kind: 'status',
  status,
  headers: { 'Content-Type': 'text/html' },
  body: WEB_PAGE,
});

/** Counts which faults are still to come. */
export class Faults {
  readonly #pending: { readonly fault: Fault; seen: number }[] = [];

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) this.#pending.push({ fault, seen: 0 });
  }

  clear(): void {
    this.#pending.length = 0;
  }

  next(request: string): Fault['what'] | null {
    let found: Fault['what'] | null = null;
    for (const one of this.#pending) {
      if (!one.fault.when.test(request)) continue;
      const place = one.seen - (one.fault.after ?? 0);
      one.seen += 1;
      if (place >= 0 && place < (one.fault.times ?? Infinity)) found ??= one.fault.what;
    }
    return found;
  }
}
