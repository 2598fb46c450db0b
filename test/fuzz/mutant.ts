import { Random } from '../support/build-image/random.ts';
import { applied, changedPages, type Edit, type MemoryEdit } from './edit.ts';
import type { Encoded } from './encoding.ts';
import { fileEdit } from './file-edits.ts';
import type { Machine } from './machine.ts';
import { memoryEdits } from './memory-edits.ts';
import type { Target } from './targets.ts';
import { someOf } from './values.ts';

/** What every image is searched for. */
export const INDICATOR = '203.0.113.7';

/** Mutants that start from the same machine before the next one's turn. */
const TURN = 200;
const MOST_EDITS = 8;
/** Of larger machines only the present one is kept: in bytes of RAM. */
const MOST_KEPT = 8 * 2 ** 20;

/** A valid image that mutants start from. */
export interface Base {
  readonly machine: Machine;
  readonly encoded: Encoded;
}

/** A mutant: nothing but its changes. */
export interface Mutant {
  readonly memory: readonly MemoryEdit[];
  readonly file: readonly Edit[];
}

/** The bases of a target in the order of the seed, each made when it is first asked for; large ones are not kept. */
export function basesOf(target: Target, seed: number): (index: number) => Base {
  const kept = new Map<number, Base>();
  return (index) => {
    const variant = (seed + Math.floor(index / TURN)) % target.machines.length;
    const known = kept.get(variant);
    if (known) return known;
    const build = target.machines[variant];
    if (build === undefined) throw new Error(`Cannot fuzz ${target.name}: it has no machines`);
    const machine = build(INDICATOR);
    if (machine.bytes.length > MOST_KEPT) kept.clear();
    const base = { machine, encoded: target.encode(machine) };
    kept.set(variant, base);
    return base;
  };
}

/** Mutant number `index` of a seed: always the same. */
export function mutantOf(target: Target, base: Base, seed: number, index: number): Mutant {
  const random = new Random(mixed(`${target.name} ${seed} ${index}`));
  const inMemory = random.below(100) < target.memoryShare;
  const inFile = !inMemory || (target.memoryShare < 90 && random.below(10) === 0);
  const memory = inMemory
    ? someOf(random, MOST_EDITS, () => memoryEdits(random, base.machine)).flat()
    : [];
  const file = inFile
    ? someOf(random, MOST_EDITS, () => fileEdit(random, base.encoded.file, base.encoded.headers))
    : [];
  return { memory, file };
}

export function fileOf({ machine, encoded }: Base, { memory, file }: Mutant): Uint8Array {
  if (memory.length === 0) return file.length === 0 ? encoded.file : applied(encoded.file, file);
  const written = encoded.withPages(changedPages(machine.bytes, memory));
  return file.length === 0 ? written : applied(written, file);
}

/** FNV-1a: spreads neighbouring numbers over all seeds. */
function mixed(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x0100_0193);
  return hash >>> 0;
}
