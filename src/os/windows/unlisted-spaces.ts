import {
  frameOf,
  hex,
  PAGE_BYTES,
  physical,
  virtual,
  type PhysicalAddress,
} from '../../memory/address.ts';
import { AddressSpace } from '../../translate/address-space.ts';
import type { Process } from '../process.ts';
import { selfMapOf } from './former-owner.ts';
import { ENTRY_BYTES, type FrameDatabase } from './frame-database.ts';
import type { WindowsKernel } from './kernel.ts';

/** A set of page tables in use, and what stands for the process that it must belong to. */
export interface UnlistedSpace {
  readonly process: Process;
  readonly space: AddressSpace;
}

/** Far more than any rootkit hides. */
const MOST_SPACES = 64;
/** MMPFN.u3.e1.PageLocation. */
const ACTIVE = 6;
const TABLE_BITS = 0x000f_ffff_ffff_f000n;
const FIRST_KERNEL_SLOT = 256;
const SLOTS = 512;

/**
 * Address spaces that no process object leads to, because it was overwritten or is not in the image. Each counts only if
 * its top table maps itself where System's does, has pages of a process, shows the same kernel as System's, and is in use
 * by the kernel's books of frames, as far as these can be read.
 *
 * @param candidates - pages that the scan took for top tables
 * @param known - roots of page tables that processes own
 */
export function findUnlistedSpaces(
  kernel: WindowsKernel,
  database: FrameDatabase | null,
  candidates: readonly PhysicalAddress[],
  known: ReadonlySet<PhysicalAddress>,
): readonly UnlistedSpace[] {
  const { memory, space: system } = kernel;
  const selfMap = selfMapOf(system, memory);
  const kernelTable = tableAt(kernel, system.root);
  if (selfMap === null || kernelTable === null) return [];
  const slot = Number((selfMap.base >> 39n) & 511n);

  const found: UnlistedSpace[] = [];
  for (const root of candidates) {
    if (found.length === MOST_SPACES) break;
    if (known.has(root) || root === system.root) continue;
    const table = tableAt(kernel, root);
    if (table === null || targetOf(table, slot) !== root) continue;
    if (!hasUserPages(table) || !showsKernel(table, kernelTable, slot)) continue;
    if (database !== null && !isInUse(kernel, database, root, selfMap.ofTopTable)) continue;
    const space = new AddressSpace(memory, root, system.mode, system.rules);
    found.push({ process: unknownProcess(root, -1 - found.length), space });
  }
  return found;
}

/** By the books; where these lack the frame's page, what the table itself shows must do. */
function isInUse(
  { structures }: WindowsKernel,
  { base, layout }: FrameDatabase,
  root: PhysicalAddress,
  entry: bigint,
): boolean {
  const at = base + BigInt(frameOf(root)) * BigInt(ENTRY_BYTES);
  const bytes = structures.bytes(at, ENTRY_BYTES);
  if (bytes.length < ENTRY_BYTES) return true;
  // The lowest three bits are flags.
  const isIts = (bytes.readBigUInt64LE(layout.pteAddress) & ~7n) === entry;
  return isIts && (bytes.readUInt8(layout.state + 2) & 7) === ACTIVE;
}

function tableAt({ memory }: WindowsKernel, root: PhysicalAddress): Buffer | null {
  const table = Buffer.alloc(PAGE_BYTES);
  return memory.read(root, table) === PAGE_BYTES ? table : null;
}

/** Table that an entry of a top table leads to; null: none. */
function targetOf(table: Buffer, slot: number): PhysicalAddress | null {
  const entry = table.readBigUInt64LE(slot * 8);
  return (entry & 1n) === 0n ? null : physical(Number(entry & TABLE_BITS));
}

const hasUserPages = (table: Buffer): boolean =>
  Array.from({ length: FIRST_KERNEL_SLOT }, (_, slot) => slot).some(
    (slot) => targetOf(table, slot) !== null,
  );

/** Hyperspace and session space are each process' own, the rest is the same for all. */
function showsKernel(table: Buffer, kernelTable: Buffer, selfSlot: number): boolean {
  let present = 0;
  let same = 0;
  for (let slot = FIRST_KERNEL_SLOT; slot < SLOTS; slot += 1) {
    const target = targetOf(kernelTable, slot);
    if (slot === selfSlot || target === null) continue;
    present += 1;
    if (targetOf(table, slot) === target) same += 1;
  }
  return same * 2 > present;
}

/** What can be said of a process of which only the page tables are known. */
const unknownProcess = (root: PhysicalAddress, pid: number): Process => ({
  pid,
  parentPid: null,
  name: `unknown process (DTB ${hex(root)})`,
  path: null,
  commandLine: null,
  user: null,
  startTime: null,
  exitTime: null,
  state: 'alive',
  // Its object may stand in the list all the same, in a page that the image lacks.
  isHidden: false,
  isKernelThread: false,
  threads: null,
  object: virtual(0n),
  pageTable: root,
  sockets: [],
});
