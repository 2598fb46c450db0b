import { frameOf, PAGE_BYTES } from '../../memory/address.ts';
import { selfMapOf } from './former-owner.ts';
import type { WindowsKernel } from './kernel.ts';
import type { PfnLayout } from './offsets/layout.ts';
import { PFN_SHAPES } from './offsets/shapes.ts';

/** MMPFN, all x64 versions. */
export const ENTRY_BYTES = 0x30;
/** Until 14393 it is always here. */
const FIXED_BASE = 0xffff_fa80_0000_0000n;
/** Top tables, and process objects, that prove the place. */
const MOST_TABLES = 8;
const MOST_OBJECTS = 48;
/** One could be chance only where nothing else can be asked. */
const FEWEST_PROOFS = 2;

/** The kernel's books of all frames. */
export interface FrameDatabase {
  readonly base: bigint;
  readonly layout: PfnLayout;
}

/**
 * Where the kernel keeps its books of page frames (MmPfnDatabase): the place at which the entries of frames whose use is
 * known tell just that: top tables, which map themselves, and the pages of process objects. Since 14393 it lies
 * somewhere else after each boot, at the start of one of the top table's slots. Null where no place proves itself.
 */
export function findFrameDatabase(kernel: WindowsKernel): FrameDatabase | null {
  const { structures, layout } = kernel;
  const witnesses = witnessesOf(kernel);
  // The listed layout first; derived kernels and those whose layout was only inferred may have another's.
  const shapes = [layout.pfn, ...PFN_SHAPES].filter(isFirstOfPlace);
  for (const base of possibleBases(kernel)) {
    for (const pfn of shapes) {
      let proofs = 0;
      let denials = 0;
      for (const { frame, entry } of witnesses) {
        const at = frame * ENTRY_BYTES + pfn.pteAddress;
        const found = structures.pointer(base, at) & ~7n;
        if (found === entry) proofs += 1;
        // 0 can also stand for "not readable", which denies nothing.
        else if (found !== 0n || structures.isReadable(base + BigInt(at))) denials += 1;
      }
      if (proofs >= FEWEST_PROOFS && proofs > denials) return { base, layout: pfn };
    }
  }
  return null;
}

/** Shapes that keep the entry's address at the same place prove the same: the first of them is tried. */
const isFirstOfPlace = (
  { pteAddress }: PfnLayout,
  index: number,
  shapes: readonly PfnLayout[],
): boolean => shapes.findIndex((one) => one.pteAddress === pteAddress) === index;

/** A frame, and the address of the page-table entry that maps it. */
interface Witness {
  readonly frame: number;
  readonly entry: bigint;
}

function witnessesOf({ memory, space, headers }: WindowsKernel): readonly Witness[] {
  const map = selfMapOf(space, memory);
  if (map === null) return [];
  const living = headers.filter(({ hasEnded }) => !hasEnded);
  const roots = new Set([space.root, ...living.map(({ table }) => table)]);
  const tables: Witness[] = [];
  for (const root of roots) {
    if (tables.length === MOST_TABLES) break;
    const isHeld = memory.locate(root, PAGE_BYTES) >= 0;
    if (isHeld) tables.push({ frame: frameOf(root), entry: map.ofTopTable });
  }
  return [
    ...tables,
    ...living.slice(0, MOST_OBJECTS).map(({ physical, address }) => ({
      frame: frameOf(physical),
      entry: map.entryOf(address),
    })),
  ];
}

function* possibleBases({ memory, space }: WindowsKernel): Generator<bigint> {
  yield FIXED_BASE;
  if (space.mode.levels.length !== 4) return;
  const table = Buffer.alloc(4096);
  if (memory.read(space.root, table) < table.length) return;
  for (let slot = 256; slot < 512; slot += 1) {
    const isPresent = (table.readUInt8(slot * 8) & 1) === 1;
    if (isPresent) yield BigInt.asUintN(64, BigInt.asIntN(48, BigInt(slot) << 39n));
  }
}
