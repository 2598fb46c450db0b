import type { Random } from '../support/build-image/random.ts';
import type { Machine, PlaceKind, Range } from './machine.ts';

/** One change of a file or of RAM. Plain data: it is printed where a mutant fails. */
export type Edit =
  /** Hex digits over what stands at `at`. */
  | { readonly kind: 'set'; readonly at: number; readonly bytes: string; readonly what: string }
  /** `length` bytes from `from` over what stands at `at`. */
  | { readonly kind: 'copy'; readonly at: number; readonly from: number; readonly length: number }
  /** The same byte `length` times. */
  | { readonly kind: 'fill'; readonly at: number; readonly length: number; readonly byte: number }
  | { readonly kind: 'cut'; readonly at: number }
  /** Without the bytes from `at` on. */
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  /** The bytes from `from` on once more at `at`, the rest moved behind them. */
  | {
      readonly kind: 'repeat';
      readonly at: number;
      readonly from: number;
      readonly length: number;
    };

export type MemoryEdit = Exclude<Edit, { readonly kind: 'cut' | 'remove' | 'repeat' }>;

/** Values at which arithmetic and bounds break: ends of the number types, of physical and of virtual addresses. */
const EXTREMES: readonly bigint[] = [
  0n,
  2n,
  3n,
  0x1001n,
  ...[0, 3, 8, 12, 16, 31, 32, 40, 47, 48, 51, 52, 53, 56, 57, 62, 63, 64].flatMap((bit) => [
    (1n << BigInt(bit)) - 1n,
    1n << BigInt(bit),
  ]),
  0xffff_ffff_ffff_f000n,
  0xffff_8000_0000_0000n,
  0xff00_0000_0000_0000n,
  0xffff_ffff_8000_0000n,
];
const LONGEST_BLOCK = 65_536;
const PAGE = 4096;

/** One to `most` of them, each further one half as likely. */
export function someOf<T>(random: Random, most: number, make: () => T): T[] {
  const edits = [make()];
  while (edits.length < most && random.below(2) === 0) edits.push(make());
  return edits;
}

/** A change of RAM: mostly of a value that means something. */
export function memoryEdit(random: Random, machine: Machine): MemoryEdit {
  const { bytes, places } = machine;
  if (random.below(12) === 0) return blockEdit(random, bytes.length, pageOf(random, machine));
  const kind = weighted(random, places);
  const at = pick(random, kind.at) ?? 0;
  if (kind.width === 'entry') {
    return set(at, tableEntry(random, machine, kind, at), 8, kind.name);
  }
  // Now and then only a part of the member, or more than it.
  const width = random.below(4) === 0 ? (pick(random, [1, 2, 4, 8]) ?? 8) : kind.width;
  return set(at, newValue(random, machine, kind, at), width, kind.name);
}

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

/** The bytes with the edits applied in this order; what was given stays as it is. */
export function applied(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let result = new Uint8Array(bytes);
  for (const edit of edits) result = apply(result, edit);
  return result;
}

function apply(bytes: Uint8Array<ArrayBuffer>, edit: Edit): Uint8Array<ArrayBuffer> {
  const at = Math.min(edit.at, bytes.length);
  switch (edit.kind) {
    case 'set':
      bytes.set(Buffer.from(edit.bytes, 'hex').subarray(0, bytes.length - at), at);
      return bytes;
    case 'fill':
      return bytes.fill(edit.byte, at, at + edit.length);
    case 'copy':
      return bytes.copyWithin(at, edit.from, edit.from + edit.length);
    case 'cut':
      return bytes.slice(0, at);
    case 'remove':
      return joined(bytes.subarray(0, at), bytes.subarray(at + edit.length));
    case 'repeat':
      break;
  }
  const again = bytes.subarray(edit.from, edit.from + edit.length);
  return joined(bytes.subarray(0, at), again, bytes.subarray(at));
}

/** The pages that edits of RAM touch, by frame, as they are afterwards. What is copied is copied from the RAM given. */
export function changedPages(
  ram: Uint8Array,
  edits: readonly MemoryEdit[],
): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>();
  for (const edit of edits) {
    const bytes = bytesOf(ram, edit);
    for (let done = 0; done < bytes.length && edit.at + done < ram.length;) {
      const at = edit.at + done;
      const frame = Math.floor(at / PAGE);
      const page = pages.get(frame) ?? ram.slice(frame * PAGE, (frame + 1) * PAGE);
      const part = bytes.subarray(done, done + PAGE - (at % PAGE));
      page.set(part, at % PAGE);
      pages.set(frame, page);
      done += part.length;
    }
  }
  return pages;
}

function bytesOf(ram: Uint8Array, edit: MemoryEdit): Uint8Array {
  if (edit.kind === 'set') return Buffer.from(edit.bytes, 'hex');
  if (edit.kind === 'fill') return new Uint8Array(edit.length).fill(edit.byte);
  return ram.subarray(edit.from, edit.from + edit.length);
}

/** Another entry for a page table: elsewhere, itself, its root, of another size, with other flags. */
function tableEntry(
  random: Random,
  machine: Machine,
  { at: places }: PlaceKind,
  at: number,
): bigint {
  const old = wordAt(machine.bytes, at);
  const flags = old & ~FRAME;
  const page = (address: number): bigint => flags | (BigInt(address) & FRAME);
  switch (random.below(9)) {
    case 0:
      return page(at);
    case 1:
      return page(pick(random, machine.tables) ?? 0);
    case 2:
      return page(machine.root);
    case 3:
      return page(pageOf(random, machine));
    case 4:
      return flags | ((pick(random, EXTREMES) ?? 0n) & FRAME);
    case 5:
      return old ^ 0x80n;
    case 6:
      return (old & FRAME) | BigInt(random.below(0x1000));
    case 7:
      return wordAt(machine.bytes, pick(random, places) ?? at);
    default:
      return old ^ (1n << BigInt(random.below(64)));
  }
}

const FRAME = 0x000f_ffff_ffff_f000n;

function newValue(random: Random, machine: Machine, { at: places }: PlaceKind, at: number): bigint {
  const old = wordAt(machine.bytes, at);
  const other = pick(random, places) ?? at;
  switch (random.below(10)) {
    case 0:
      return machine.kernelAddress(at);
    case 1:
      return machine.kernelAddress(other) + BigInt(8 * (random.below(5) - 2));
    case 2:
      return wordAt(machine.bytes, other);
    case 3:
      return machine.kernelAddress(pageOf(random, machine) + 8 * random.below(512));
    case 4:
      return old + BigInt(random.below(33) - 16);
    case 5:
      return old ^ (1n << BigInt(random.below(64)));
    case 6:
      return random64(random);
    case 7:
      return wordAt(machine.bytes, anyPlace(random, machine));
    default:
      return pick(random, EXTREMES) ?? 0n;
  }
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

function blockEdit(random: Random, size: number, at: number): MemoryEdit {
  const length = 1 + random.below(Math.min(size, random.below(2) === 0 ? 256 : LONGEST_BLOCK));
  if (random.below(2) === 0) return { kind: 'copy', at, from: random.below(size), length };
  return { kind: 'fill', at, length, byte: random.below(2) === 0 ? 0 : random.below(256) };
}

function flip(random: Random, bytes: Uint8Array, at: number): Edit {
  const byte = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return set(at, BigInt(byte), 1, 'bit');
}

const anyPlace = (random: Random, { places }: Machine): number =>
  pick(random, pick(random, places)?.at ?? []) ?? 0;

function pageOf(random: Random, { runs }: Machine): number {
  const { start, length } = pick(random, runs) ?? { start: 0, length: 4096 };
  return start + 4096 * random.below(length / 4096);
}

function weighted(random: Random, kinds: readonly PlaceKind[]): PlaceKind {
  const total = kinds.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let left = random.below(total);
  const found = kinds.find(({ weight = 1 }) => (left -= weight) < 0) ?? kinds[0];
  if (found === undefined) throw new Error('Cannot mutate a machine without places');
  return found;
}

export const pick = <T>(random: Random, items: readonly T[]): T | undefined =>
  items[random.below(items.length)];

function wordAt(bytes: Uint8Array, at: number): bigint {
  if (at < 0 || at + 8 > bytes.length) return 0n;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true);
}

const random64 = (random: Random): bigint =>
  (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32));

function set(at: number, value: bigint, width: number, what: string): MemoryEdit {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return { kind: 'set', at, bytes: bytes.toString('hex', 0, width), what };
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.concat(parts));
