import { Ip2ProcessError } from '../errors.ts';
import { folded, type Literal, LITERAL_LIMIT } from './literal.ts';

/** Literals as plain arrays, which WebAssembly can read and a worker can be sent. */
export interface LiteralTable {
  readonly count: number;
  /** `LITERAL_WORDS` words each: where its bytes begin in `texts`, length, 1 where case is ignored. */
  readonly rows: Int32Array;
  readonly texts: Uint8Array;
}

export const LITERAL_WORDS = 3;

/** @throws Ip2ProcessError `request` for a literal that is empty or longer than a page */
export function tableOf(literals: readonly Literal[]): LiteralTable {
  const rows = new Int32Array(literals.length * LITERAL_WORDS);
  const texts = new Uint8Array(literals.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let end = 0;
  for (const [number, { bytes, ignoresCase }] of literals.entries()) {
    if (bytes.length === 0 || bytes.length > LITERAL_LIMIT) {
      throw new Ip2ProcessError(
        'request',
        `Cannot search for literal ${number}: it has ${bytes.length} bytes, expected 1 to ${LITERAL_LIMIT}`,
        { literal: number },
      );
    }
    rows.set([end, bytes.length, ignoresCase ? 1 : 0], number * LITERAL_WORDS);
    texts.set(bytes, end);
    end += bytes.length;
  }
  return { count: literals.length, rows, texts };
}

export const lengthOf = ({ rows }: LiteralTable, literal: number): number =>
  rows[literal * LITERAL_WORDS + 1] ?? 0;

/** Do the literal's bytes [from, until) stand at `at`? */
export function standsAt(
  { rows, texts }: LiteralTable,
  literal: number,
  from: number,
  until: number,
  bytes: Uint8Array,
  at: number,
): boolean {
  const text = rows[literal * LITERAL_WORDS] ?? 0;
  const ignoresCase = rows[literal * LITERAL_WORDS + 2] === 1;
  for (let index = from; index < until; index += 1) {
    const byte = bytes[at + index - from] ?? 0;
    if ((ignoresCase ? folded(byte) : byte) !== texts[text + index]) return false;
  }
  return true;
}
