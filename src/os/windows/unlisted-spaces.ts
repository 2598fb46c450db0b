import {
  frameStart,
  frame as frameNumber,
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
/** Entries read at once: three pages of them. */
const BATCH = 256;
const SIZE = BigInt(ENTRY_BYTES);
/** MMPFN.u3.e1.PageLocation. */
const ACTIVE = 6;
const TABLE_BITS = 0x000f_ffff_ffff_f000n;
const FIRST_KERNEL_SLOT = 256;
const SLOTS = 512;

/**
 * Address spaces that no process object leads to, because it was overwritten or is not in the image: top tables show in
 * the kernel's books by the entry through which they map themselves. Each counts only if it is in use, does map itself
 * there, and shows the same kernel as System's. Costs one reading of the books: 1.2 % of the RAM.
 *
 * @param known - roots of page tables that processes own
 */
export function findUnlistedSpaces(
  kernel: WindowsKernel,
  database: FrameDatabase,
  known: ReadonlySet<PhysicalAddress>,
): readonly UnlistedSpace[] {
  const { memory, space: system } = kernel;
  const selfMap = selfMapOf(system, memory);
  const kernelTable = tableAt(kernel, system.root);
  if (selfMap === null || kernelTable === null) return [];
  const slot = Number((selfMap.base >> 39n) & 511n);

  const found: UnlistedSpace[] = [];
  for (const root of topTables(kernel, database, selfMap.ofTopTable)) {
    if (found.length === MOST_SPACES) break;
    if (known.has(root) || root === system.root) continue;
    const table = tableAt(kernel, root);
    if (table === null || targetOf(table, slot) !== root) continue;
    if (!hasUserPages(table) || !showsKernel(table, kernelTable, slot)) continue;
    const space = new AddressSpace(memory, root, system.mode, system.rules);
    found.push({ process: unknownProcess(root, -1 - found.length), space });
  }
  return found;
}

/** Frames in use whose entry in the books stands at this address. */
function* topTables(
  { memory, space }: WindowsKernel,
  { base, layout }: FrameDatabase,
  entry: bigint,
): Generator<PhysicalAddress> {
  const low = Number(entry & 0xffff_ffffn);
  const high = Number(entry >> 32n);
  const bytes = new Uint8Array(BATCH * ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  const placeOf = (frame: number): bigint => base + BigInt(frame) * SIZE;
  for (const { start, length } of memory.runs) {
    const end = Math.floor((start + length) / PAGE_BYTES);
    for (let first = Math.ceil(start / PAGE_BYTES); first < end;) {
      const wanted = Math.min(BATCH, end - first);
      const into = bytes.subarray(0, wanted * ENTRY_BYTES);
      const held = Math.floor(space.read(virtual(placeOf(first)), into) / ENTRY_BYTES);
      for (let index = 0; index < held; index += 1) {
        const at = index * ENTRY_BYTES;
        // The lowest three bits are flags.
        const isIts =
          (view.getUint32(at + layout.pteAddress, true) & ~7) >>> 0 === low &&
          view.getUint32(at + layout.pteAddress + 4, true) === high;
        if (!isIts || (view.getUint8(at + layout.state + 2) & 7) !== ACTIVE) continue;
        yield frameStart(frameNumber(first + index));
      }
      first += held;
      // Books of RAM that is not there are not there: on with the next page of them.
      if (held < wanted) {
        const next = ((placeOf(first) | 0xfffn) + 1n - base + SIZE - 1n) / SIZE;
        first = Math.max(first + 1, Number(next));
      }
    }
  }
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
