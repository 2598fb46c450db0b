import type { Random } from '../support/build-image/random.ts';
import { blockEdit, LONGEST_BLOCK } from './block-edit.ts';
import { type Edit, set } from './edit.ts';
import type { Range } from './machine.ts';
import { EXTREMES, pick, random64, wordAt } from './values.ts';

/** A change of the file itself: of its headers as often as of anything. */
export function fileEdit(random: Random, file: Uint8Array, headers: readonly Range[]): Edit {
  const inHeader = (): number => {
    // Those of the file as a whole come first; formats of many blocks have hundreds more.
    const few = random.below(2) === 0 ? headers.slice(0, 4) : headers;
    const { start, length } = pick(random, few) ?? { start: 0, length: file.length };
    return start + random.below(length);
  };
  const at = random.below(10) < 8 ? inHeader() : random.below(file.length);
  const choice = random.below(20);
  if (choice < 10) {
    const width = pick(random, [1, 2, 4, 8]) ?? 4;
    // Headers are mostly aligned to the size of their fields.
    const aligned = random.below(3) === 0 ? at : at - (at % width);
    return set(aligned, fileValue(random, file, aligned), width, 'header');
  }
  if (choice < 13) return flip(random, file, at);
  if (choice < 16) return blockEdit(random, file.length, at);
  const length =
    1 + random.below(Math.min(file.length, random.below(2) === 0 ? 64 : LONGEST_BLOCK));
  if (choice < 18) return { kind: 'cut', at };
  if (choice < 19) return { kind: 'remove', at, length };
  return { kind: 'repeat', at, from: inHeader(), length };
}

function fileValue(random: Random, file: Uint8Array, at: number): bigint {
  const old = wordAt(file, at);
  switch (random.below(7)) {
    case 0:
      return old + BigInt(random.below(33) - 16);
    case 1:
      return BigInt(at);
    case 2:
      return BigInt(file.length + random.below(3) - 1);
    case 3:
      return random64(random);
    case 4:
      return wordAt(file, random.below(file.length));
    default:
      return pick(random, EXTREMES) ?? 0n;
  }
}

function flip(random: Random, bytes: Uint8Array, at: number): Edit {
  const byte = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return set(at, BigInt(byte), 1, 'bit');
}
