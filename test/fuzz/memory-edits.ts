import type { Random } from '../support/build-image/random.ts';
import { blockEdit } from './block-edit.ts';
import { type MemoryEdit, set } from './edit.ts';
import type { Machine, PlaceKind } from './machine.ts';
import { EXTREMES, pick, random64, wordAt } from './values.ts';

/** A change of RAM: mostly of a value that means something. */
export function memoryEdits(random: Random, machine: Machine): MemoryEdit[] {
  return random.below(25) === 0 ? endlessLists(random, machine) : [memoryEdit(random, machine)];
}

/** A pointer into free memory in which every word is a link to the next: lists as long as there is room, in one another. */
function endlessLists(random: Random, machine: Machine): MemoryEdit[] {
  const { start: at, length } = machine.free;
  const kind = weighted(
    random,
    machine.places.filter(({ width }) => width === 8),
  );
  const from = pick(random, kind.at) ?? 0;
  const first = machine.kernelAddress(at + 8).toString(16);
  const into = machine.kernelAddress(at + 8 * random.below(length / 16));
  return [
    { kind: 'ramp', at, length, first },
    set(from, into, 8, `${kind.name} into the endless lists`),
  ];
}

function memoryEdit(random: Random, machine: Machine): MemoryEdit {
  const { bytes, places } = machine;
  if (random.below(12) === 0) return blockEdit(random, bytes.length, pageOf(random, machine));
  const kind = weighted(random, places);
  const at = pick(random, kind.at) ?? 0;
  if (random.below(12) === 0) return row(random, machine, kind, at);
  if (kind.width === 'entry') {
    return set(at, tableEntry(random, machine, kind, at), 8, kind.name);
  }
  // Now and then only a part of the member, or more than it.
  const width = random.below(4) === 0 ? (pick(random, [1, 2, 4, 8]) ?? 8) : kind.width;
  return set(at, newValue(random, machine, kind, at), width, kind.name);
}

/** The same value many times: trees whose branches are all one, tables that map one page everywhere. */
function row(random: Random, machine: Machine, kind: PlaceKind, at: number): MemoryEdit {
  const value =
    kind.width === 'entry'
      ? tableEntry(random, machine, kind, at)
      : newValue(random, machine, kind, at);
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(BigInt.asUintN(64, value));
  // A node of a tree has up to 64 places, a page table 512.
  const count = random.below(2) === 0 ? 64 : 512;
  const start = random.below(2) === 0 ? at : at - (at % 512);
  const bytes = one.toString('hex').repeat(count);
  return { kind: 'set', at: start, bytes, what: `${kind.name}, ${count} times` };
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
