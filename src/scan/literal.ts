/** A byte string to find. */
export interface Literal {
  /** 1 to 4,096 bytes. Letters are in lower case where `ignoresCase`. */
  readonly bytes: Uint8Array;
  /** ASCII letters match in either case. */
  readonly ignoresCase: boolean;
}

/** Longest literal: one page, so that an occurrence never lies in more than two frames. */
export const LITERAL_LIMIT = 4096;

/** The byte in lower case, where it is an ASCII capital. */
export const folded = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

/** The bytes that count as `byte` of a literal: itself, and its capital where case is ignored. */
export function spellings(byte: number, ignoresCase: boolean): readonly number[] {
  const isSmallLetter = byte >= 0x61 && byte <= 0x7a;
  return ignoresCase && isSmallLetter ? [byte, byte - 0x20] : [byte];
}
