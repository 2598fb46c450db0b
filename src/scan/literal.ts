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

/** The bytes that count as `byte` of a literal: itself, and its capital where case is ignored. All, where it is unknown. */
export function spellings(byte: number | undefined, ignoresCase: boolean): readonly number[] {
  if (byte === undefined) return ALL_BYTES;
  return (ignoresCase ? EITHER_CASE : ONE_CASE)[byte] ?? [];
}

const ALL_BYTES: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);
// Made once: asked for several times for each byte of each literal.
const ONE_CASE = ALL_BYTES.map((byte) => [byte]);
const EITHER_CASE = ALL_BYTES.map((byte) =>
  byte >= 0x61 && byte <= 0x7a ? [byte, byte - 0x20] : [byte],
);
