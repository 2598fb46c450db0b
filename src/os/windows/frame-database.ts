import { frameOf, virtual } from '../../memory/address.ts';
import { AddressSpace } from '../../translate/address-space.ts';
import type { WindowsKernel } from './kernel.ts';
import type { PfnLayout } from './offsets/layout.ts';
import { PFN_SHAPES } from './offsets/shapes.ts';
import { isKernelAddress, type ProcessHeader } from './process-header.ts';

/** MMPFN, all x64 versions. */
export const ENTRY_BYTES = 0x30;
/** Until 14393 it is always here. */
const FIXED_BASE = 0xffff_fa80_0000_0000n;
/** Processes whose top tables prove the place. */
const WITNESSES = 6;
const FEWEST_PROOFS = 1;

/** The kernel's books of all frames. */
export interface FrameDatabase {
  readonly base: bigint;
  readonly layout: PfnLayout;
}

/**
 * Where the kernel keeps its books of page frames (MmPfnDatabase): the place at which the entries of processes' top
 * tables tell their own addresses. Since 14393 it lies somewhere else after each boot, at the start of one of the top
 * table's slots. Null where no place proves itself.
 */
export function findFrameDatabase(kernel: WindowsKernel): FrameDatabase | null {
  const witnesses = witnessesOf(kernel);
  // The listed layout first; derived kernels and those whose layout was only inferred may have another's.
  const shapes = [kernel.layout.pfn, ...PFN_SHAPES];
  for (const base of possibleBases(kernel)) {
    for (const layout of shapes) {
      const proofs = witnesses.filter((space) => proves(kernel, space, base, layout)).length;
      if (proofs >= FEWEST_PROOFS && proofs * 2 > witnesses.length) return { base, layout };
    }
  }
  return null;
}

/** Address spaces whose top table is in the image and maps itself. */
function witnessesOf({ memory, space, headers }: WindowsKernel): readonly AddressSpace[] {
  const roots = new Set([space.root, ...headers.filter(isAlive).map(({ table }) => table)]);
  return [...roots]
    .filter((root) => memory.locate(root, 4096) >= 0)
    .slice(0, WITNESSES)
    .map((root) => new AddressSpace(memory, root, space.mode, space.rules));
}

const isAlive = ({ hasEnded }: ProcessHeader): boolean => !hasEnded;

/** The entry of a top table's own frame says where that table maps itself: there it must be. */
function proves(
  { structures }: WindowsKernel,
  space: AddressSpace,
  base: bigint,
  layout: PfnLayout,
): boolean {
  const frame = frameOf(space.root);
  const entry = base + BigInt(frame * ENTRY_BYTES);
  const own = structures.pointer(entry, layout.pteAddress) & ~7n;
  if (!isKernelAddress(own)) return false;
  const found = space.translate(virtual(own));
  if (found === null || frameOf(found.physical) !== frame) return false;
  const parent = structures.pointer(entry, layout.frame) & ((1n << BigInt(layout.frameBits)) - 1n);
  return parent === BigInt(frame);
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
