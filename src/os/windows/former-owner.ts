import { frameOf, type PhysicalAddress } from '../../memory/address.ts';
import type { AddressSpace } from '../../translate/address-space.ts';
import type { PageCache } from '../../translate/page-cache.ts';
import type { Process } from '../process.ts';

/** What the kernel's books say about one frame. */
export interface FrameEntry {
  /** 0 zeroed, 1 free, 2 standby, 3 modified, 4 modified, not to be written, 5 bad, 6 active, 7 transition. */
  readonly location: number;
  /** Kernel address of the page-table entry, or prototype entry, that it was last used through. */
  readonly pteAddress: bigint;
  /** Frame of the table that holds that entry. */
  readonly parent: number;
  readonly isPrototype: boolean;
  /** What the page-table entry becomes when the frame is taken away. */
  readonly originalPte: bigint;
}

/** Where all page tables show as one array of entries: the top table's entry that leads back to it. */
export interface SelfMap {
  readonly base: bigint;
  /** Address whose page an entry at this place maps; null: no entry stands there. */
  addressOf(entry: bigint): bigint | null;
  placeOf(entry: bigint): 'user' | 'kernel' | 'table' | null;
  /** Where the entry stands that maps an address. */
  entryOf(address: bigint): bigint;
  /** Where the entry stands through which the top table maps itself. */
  readonly ofTopTable: bigint;
}

const SPAN = 1n << 39n;
const USER_END = 1n << 47n;

/** Null with five levels of tables, or where the top table does not map itself. */
export function selfMapOf(space: AddressSpace, memory: PageCache): SelfMap | null {
  const table = Buffer.alloc(4096);
  if (space.mode.levels.length !== 4 || memory.read(space.root, table) < table.length) return null;
  for (let slot = 256; slot < 512; slot += 1) {
    const entry = table.readBigUInt64LE(slot * 8);
    const target = Number((entry & 0x000f_ffff_ffff_f000n) >> 12n);
    if ((entry & 1n) === 1n && target === frameOf(space.root)) return selfMapAt(slot);
  }
  return null;
}

function selfMapAt(slot: number): SelfMap {
  const base = canonical(BigInt(slot) << 39n);
  const addressOf = (entry: bigint): bigint | null =>
    entry >= base && entry < base + SPAN ? canonical((entry - base) << 9n) : null;
  const entryOf = (address: bigint): bigint => base + (((address & (2n ** 48n - 1n)) >> 12n) << 3n);
  // The array holds itself, four levels deep.
  const ofTopTable = entryOf(entryOf(entryOf(entryOf(base))));
  return {
    base,
    addressOf,
    entryOf,
    ofTopTable,
    placeOf(entry) {
      const address = addressOf(entry);
      if (address === null) return null;
      if (address >= base && address < base + SPAN) return 'table';
      return address < USER_END ? 'user' : 'kernel';
    },
  };
}

/** Tables above a page. */
const TABLES = 4;

/** A process by its top table: a `WindowsProcess` is one. */
export interface TableOwner {
  readonly process: Process;
  readonly listed: {
    readonly hasEnded: boolean;
    readonly header: { readonly table: PhysicalAddress };
  };
}

export interface FormerOwner {
  readonly process: Process;
  readonly address: bigint;
}

/**
 * Reads who had a frame last, and where: from its entry in the books up, table by table, to the top table of a process.
 * At each step the table's own entry must say that it stands where its child needs it: a frame used anew does not.
 */
export function formerOwnerReader(
  selfMap: SelfMap | null,
  entryOf: (frame: number) => FrameEntry | null,
  processes: readonly TableOwner[],
): (frame: number) => FormerOwner | null {
  const byRoot = new Map<number, Process>();
  // A living process' claim on a top table is better than an ended one's.
  const ordered = processes.toSorted(
    (one, other) => Number(one.listed.hasEnded) - Number(other.listed.hasEnded),
  );
  for (const { process, listed } of ordered) {
    const root = frameOf(listed.header.table);
    if (!byRoot.has(root)) byRoot.set(root, process);
  }

  return (frame) => {
    const first = entryOf(frame);
    const address = first && (selfMap?.addressOf(first.pteAddress) ?? null);
    if (selfMap === null || first === null || address === null) return null;
    let entry = first;
    for (let level = 1; level <= TABLES; level += 1) {
      const owner = level === TABLES ? byRoot.get(entry.parent) : undefined;
      if (owner !== undefined) return { process: owner, address };
      const above = entryOf(entry.parent);
      if (above === null || level === TABLES) return null;
      // The entry that maps the table which holds the entry below.
      if (above.pteAddress !== selfMap.entryOf(entry.pteAddress)) return null;
      entry = above;
    }
    return null;
  };
}

const canonical = (address: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(48, address));
