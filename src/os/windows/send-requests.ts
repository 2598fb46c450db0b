import { physical, virtual, type PhysicalAddress } from '../../memory/address.ts';
import type { AddressSpace } from '../../translate/address-space.ts';
import type { SentRange } from '../sent-range.ts';
import type { WindowsKernel } from './kernel.ts';
import { isKernelAddress } from './process-header.ts';
import { unicodeString } from './unicode-string.ts';

/**
 * Requests to send that wait in the kernel: an IRP for the socket driver, and through its MDL the locked pages of the
 * process whose bytes they are.
 *
 * IRP: type u16 = 6 | size u16 | … | MdlAddress 8 | RequestorMode 0x40 | StackCount 0x42 | CurrentLocation 0x43 | …
 *   | CurrentStackLocation 0xb8 | (0xd0) stack locations of 0x48 bytes
 * IO_STACK_LOCATION: MajorFunction u8 | … | IoControlCode u32 at 0x18 | … | DeviceObject 0x28
 * MDL: Next 0 | Size u16 8 | MdlFlags u16 0xa | Process 0x10 | StartVa 0x20 | ByteCount u32 0x28 | ByteOffset u32 0x2c |
 *   (0x30) numbers of frames, 8 bytes each
 *
 * Source: wdm.h; the kernel's symbols of seven builds, 7601 to 19041, say the same (a test holds this against them). The
 * control codes are those of the public descriptions of AFD: (0x12 << 12) | (operation << 2) | METHOD_NEITHER.
 */
const IRP = {
  type: 6,
  bytes: 0xd0,
  mdl: 0x08,
  mode: 0x40,
  stackCount: 0x42,
  location: 0x43,
  stackLocation: 0xb8,
} as const;
const STACK = { bytes: 0x48, controlCode: 0x18, device: 0x28 } as const;
const DEVICE = { type: 3, driver: 0x08 } as const;
const DRIVER = { type: 4, name: 0x38n } as const;
const MDL = { size: 8, flags: 0xa, process: 0x10, start: 0x20, count: 0x28, offset: 0x2c } as const;
const MDL_BYTES = 0x30;
const USER_MODE = 1;
const DEVICE_CONTROL = 0x0e;
/** AFD_SEND, AFD_SEND_DATAGRAM. */
const SEND_CODES = new Set([0x1_201f, 0x1_2023]);
const SOCKET_DRIVER = /\\afd$/i;
/** MDL_PAGES_LOCKED; MDL_WRITE_OPERATION: the driver writes into it (receives), so nothing of it is sent. */
const LOCKED = 0x02;
const IS_WRITTEN = 0x80;

/** From a tag in a pool header to the block behind it. */
const TAG_TO_BLOCK = 12;
/** Drivers above each other; a busy server has some thousands of requests under way. */
const MOST_LOCATIONS = 64;
const MOST_REQUESTS = 65_536;
/** Of one request: buffers, and bytes of each. */
const MOST_BUFFERS = 256;
const MOST_BYTES = 2 ** 26;
/** Of all requests together: what claims more is no machine's. */
const MOST_PAGES = 2 ** 20;
const USER_END = 1n << 47n;

/**
 * What processes had asked to send when the image was taken, by process object. Each step is checked: the request lies
 * where its own pointer says, belongs to the socket driver, asks to send, and the buffer's process is one that was found,
 * whose own page tables lead to the same frames.
 *
 * @param tags - where pool tags "Irp " were found
 * @param spaceOf - of a process object; null: not a process, or without memory
 */
export function sendRequests(
  kernel: WindowsKernel,
  tags: readonly PhysicalAddress[],
  spaceOf: (object: bigint) => AddressSpace | null,
): ReadonlyMap<bigint, readonly SentRange[]> {
  const sent = new Map<bigint, SentRange[]>();
  let pages = 0;
  for (const tag of tags.slice(0, MOST_REQUESTS)) {
    let mdl = sendBuffer(kernel, physical(tag + TAG_TO_BLOCK));
    for (
      let count = 0;
      isKernelAddress(mdl) && count < MOST_BUFFERS && pages < MOST_PAGES;
      count += 1
    ) {
      const process = kernel.structures.pointer(mdl, MDL.process);
      const space = spaceOf(process);
      if (space === null) break;
      pages += 1 + Math.floor(kernel.structures.u32(mdl, MDL.count) / 4096);
      const ranges = sent.get(process) ?? [];
      ranges.push(...lockedRanges(kernel, mdl, space));
      if (ranges.length > 0) sent.set(process, ranges);
      mdl = kernel.structures.pointer(mdl);
    }
  }
  return sent;
}

/** Address of the first MDL of a request to send; 0: it is none. */
function sendBuffer({ memory, structures, space }: WindowsKernel, at: PhysicalAddress): bigint {
  const bytes = Buffer.alloc(IRP.bytes);
  if (memory.read(at, bytes) < bytes.length || bytes.readUInt16LE(0) !== IRP.type) return 0n;
  const count = bytes.readUInt8(IRP.stackCount);
  const current = bytes.readUInt8(IRP.location);
  const isWhole = bytes.readUInt16LE(2) >= IRP.bytes + count * STACK.bytes;
  if (!isWhole || count > MOST_LOCATIONS || current < 1 || current > count) return 0n;
  if (bytes.readUInt8(IRP.mode) !== USER_MODE) return 0n;

  // The request's own address follows from that of its current location.
  const stack = bytes.readBigUInt64LE(IRP.stackLocation);
  const self = stack - BigInt(IRP.bytes + (current - 1) * STACK.bytes);
  if (!isKernelAddress(self) || space.translate(virtual(self))?.physical !== at) return 0n;
  if (structures.u8(stack) !== DEVICE_CONTROL) return 0n;
  if (!SEND_CODES.has(structures.u32(stack, STACK.controlCode))) return 0n;
  const device = structures.pointer(stack, STACK.device);
  const driver = structures.pointer(device, DEVICE.driver);
  if (structures.u16(device) !== DEVICE.type || structures.u16(driver) !== DRIVER.type) return 0n;
  if (!SOCKET_DRIVER.test(unicodeString(structures, driver + DRIVER.name) ?? '')) return 0n;
  return bytes.readBigUInt64LE(IRP.mdl);
}

/** The frames of a locked buffer that its process' page tables lead to as well. */
function lockedRanges(
  { structures }: WindowsKernel,
  mdl: bigint,
  space: AddressSpace,
): SentRange[] {
  const flags = structures.u16(mdl, MDL.flags);
  const start = structures.pointer(mdl, MDL.start);
  const length = structures.u32(mdl, MDL.count);
  const offset = structures.u32(mdl, MDL.offset);
  const pages = Math.ceil((offset + length) / 4096);
  const isBuffer =
    (flags & LOCKED) !== 0 &&
    (flags & IS_WRITTEN) === 0 &&
    start % 4096n === 0n &&
    start + BigInt(pages * 4096) <= USER_END &&
    offset < 4096 &&
    length > 0 &&
    length <= MOST_BYTES &&
    structures.u16(mdl, MDL.size) >= MDL_BYTES + Math.min(pages * 8, 0xffff - MDL_BYTES);
  if (!isBuffer) return [];

  const ranges: SentRange[] = [];
  for (let page = 0; page < pages; page += 1) {
    const frame = Number(structures.pointer(mdl, MDL_BYTES + page * 8));
    const found = space.translate(virtual(start + BigInt(page * 4096)));
    if (found?.physical !== frame * 4096) continue;
    const from = page === 0 ? offset : 0;
    const to = Math.min(4096, offset + length - page * 4096);
    ranges.push({
      start: physical(frame * 4096 + from),
      length: to - from,
      source: 'send request',
    });
  }
  return ranges;
}
