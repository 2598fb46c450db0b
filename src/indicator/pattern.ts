/** How the bytes of a match spell the indicator. */
export type Encoding = 'ascii' | 'utf16le' | 'binary';

/** How the indicator itself is written, before its surroundings are looked at. */
export type Spelling =
  | 'text'
  | 'ipv6-text'
  | 'percent'
  | 'decimal'
  /** One literal serves both: they share nothing but how a URL with such a host begins. */
  | 'hex-or-octal'
  | 'reverse-name'
  | 'dns-wire'
  | 'bytes';

/**
 * A byte string the scan looks for. Every occurrence of the indicator in this spelling holds it; whether an
 * occurrence of it is one of the indicator is `recognise()`'s answer.
 */
export interface BytePattern {
  /** Index into the indicators of the request. */
  readonly indicator: number;
  readonly spelling: Spelling;
  readonly encoding: Encoding;
  /** What to find: 2 to 4,096 bytes. Letters are in lower case where `ignoresCase`. */
  readonly bytes: Uint8Array;
  /** ASCII letters of `bytes` match in either case. */
  readonly ignoresCase: boolean;
  /** Where case counts after all (the path of a URL): `recognise()` looks at it, the scan need not. */
  readonly cased?: CasedTail;
}

/** The part of a literal that must stand in its own case. */
export interface CasedTail {
  /** First index that counts. */
  readonly from: number;
  /** The whole literal, as long as `bytes`, in its own case. */
  readonly bytes: Uint8Array;
}

/** An occurrence of the indicator in a window of bytes. */
export interface Recognition {
  /** Index in the window of the indicator's own first byte. */
  readonly start: number;
  /** Bytes of the indicator's own text. */
  readonly length: number;
  /** The window ends before the byte that would prove the boundary: the neighbouring page decides. */
  readonly openBefore: boolean;
  readonly openAfter: boolean;
}
