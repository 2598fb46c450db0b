import { PAGE_BYTES, physical, virtual, type PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import type { AddressSpace } from '../../translate/address-space.ts';

/**
 * Start of a KPROCESS, and so of an EPROCESS: alike in every x64 kernel since Windows 7.
 *
 * 0x00 type u8 (3 in the low 7 bits) | 0x04 signal state i32 | 0x18 profile list, empty: two pointers to itself |
 * 0x28 root of page tables u64, PCID in the low 12 bits | 0x30 thread list
 *
 * Source: the kernel's public symbols, KPROCESS and DISPATCHER_HEADER.
 */
export interface ProcessHeader {
  /** Of the object. */
  readonly address: bigint;
  readonly physical: PhysicalAddress;
  /** Root of its page tables. */
  readonly table: PhysicalAddress;
  /** Its handle is signalled: the process has ended. */
  readonly hasEnded: boolean;
  readonly hasThreads: boolean;
}

const HEADER_BYTES = 0x40;
const PROCESS_TYPE = 3;
/** No x64 Windows manages more than 64 TiB: a root above that is no root. */
const MOST_MEMORY = 2n ** 46n;
const TABLE_BITS = 0x000f_ffff_ffff_f000n;

/** The lower half is the processes', with four levels of tables as with five. */
export const isKernelAddress = (at: bigint): boolean => at >= 0xff00_0000_0000_0000n;
/** Below the end of user memory, and no null pointer with an offset. */
export const isUserAddress = (at: bigint): boolean =>
  at >= 0x1_0000n && at < 0x0100_0000_0000_0000n;

/** What the scan took for a process object; null if it is none after all. */
export function headerAt(memory: PhysicalMemory, at: PhysicalAddress): ProcessHeader | null {
  const bytes = Buffer.alloc(HEADER_BYTES);
  if (memory.read(at, bytes) < HEADER_BYTES) return null;
  return parseHeader(bytes, at);
}

/** The process object at a kernel address; null if there is none. */
export function headerOf(space: AddressSpace, address: bigint): ProcessHeader | null {
  const bytes = Buffer.alloc(HEADER_BYTES);
  const at = space.translate(virtual(address))?.physical;
  if (at === undefined || space.read(virtual(address), bytes) < HEADER_BYTES) return null;
  const header = parseHeader(bytes, at);
  return header?.address === address ? header : null;
}

function parseHeader(bytes: Buffer, at: PhysicalAddress): ProcessHeader | null {
  const list = bytes.readBigUInt64LE(0x18);
  const address = list - 0x18n;
  const table = bytes.readBigUInt64LE(0x28) & TABLE_BITS;
  const threads = bytes.readBigUInt64LE(0x30);
  const isProcess =
    (bytes.readUInt8(0) & 0x7f) === PROCESS_TYPE &&
    list === bytes.readBigUInt64LE(0x20) &&
    isKernelAddress(address) &&
    Number(address % BigInt(PAGE_BYTES)) === at % PAGE_BYTES &&
    isKernelAddress(threads) &&
    table !== 0n &&
    table < MOST_MEMORY;
  if (!isProcess) return null;
  return {
    address,
    physical: at,
    table: physical(Number(table)),
    hasEnded: bytes.readInt32LE(4) !== 0,
    hasThreads: threads !== address + 0x30n,
  };
}
