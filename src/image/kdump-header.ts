import { Ip2ProcessError } from '../errors.ts';
import { PAGE_BYTES } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { vmcoreinfoText } from './elf-notes.ts';
import { textOf, u64, viewOf } from './fields.ts';

/**
 * Headers of a kdump-compressed file (makedumpfile, QEMU dump-guest-memory -z/-l/-s), in blocks of 4096 bytes:
 * block 0 disk_dump_header, block 1 kdump_sub_header, then two bitmaps of equal size (RAM; pages in the file), then one
 * descriptor per page in the file, then the pages.
 *
 * Source: makedumpfile, IMPLEMENTATION and diskdump_mod.h; QEMU, include/sysemu/dump.h.
 */
export interface KdumpLayout {
  /** Where the bitmap of the pages that the file holds starts, in the file. */
  readonly bitmapOffset: number;
  /** Bytes of that bitmap: bit n is frame n. */
  readonly bitmapBytes: number;
  /** Where the descriptors start. */
  readonly descriptorOffset: number;
  readonly vmcoreinfo: string | null;
  readonly warnings: readonly string[];
}

/** 16 TiB: the bitmap then takes 512 MiB, which we hold. */
const MAX_FRAMES = 2 ** 32;
const MAX_VMCOREINFO = 65_536;
/** diskdump_mod.h: DUMP_DH_COMPRESSED_INCOMPLETE */
const INCOMPLETE = 0x8;

export function readKdumpLayout(source: ByteSource): KdumpLayout {
  const header = readBlock(source, 0);
  const machine = textOf(header.bytes.subarray(12 + 4 * 65, 12 + 5 * 65));
  if (machine !== 'x86_64') {
    throw refusal(`its machine is "${machine}"; only x86_64 dumps are supported`);
  }
  const version = header.view.getInt32(8, true);
  const blockBytes = header.view.getInt32(428, true);
  const subHeaderBlocks = header.view.getUint32(432, true);
  const bitmapBlocks = header.view.getUint32(436, true);
  if (version < 1) throw refusal(`its header version is ${version}, expected 1 or more`);
  if (blockBytes !== PAGE_BYTES) {
    throw refusal(`its blocks have ${blockBytes} bytes, expected ${PAGE_BYTES}`);
  }

  const sub = readBlock(source, PAGE_BYTES);
  if (version >= 2 && sub.view.getInt32(12, true) !== 0) {
    throw refusal(
      'it is one part of a split dump; join the parts with "makedumpfile --reassemble" first',
    );
  }
  // The 32-bit count cannot express 16 TiB; version 6 states it again in 64 bits.
  const frames = version >= 6 ? u64(sub.view, 96) : header.view.getUint32(440, true);
  const bitmapOffset = (1 + subHeaderBlocks) * PAGE_BYTES;
  const descriptorOffset = bitmapOffset + bitmapBlocks * PAGE_BYTES;
  const bitmapBytes = Math.min((bitmapBlocks * PAGE_BYTES) / 2, Math.ceil(frames / 8));
  if (frames === 0 || frames > MAX_FRAMES || bitmapBytes * 8 < frames) {
    throw refusal(
      `its bitmap of ${bitmapBlocks} blocks cannot be that of ${frames} frames (at most ${MAX_FRAMES})`,
    );
  }
  if (descriptorOffset > source.size) {
    throw refusal(
      `its bitmaps end at file offset ${descriptorOffset}, the file after ${source.size} bytes`,
    );
  }

  const isIncomplete = (header.view.getUint32(424, true) & INCOMPLETE) !== 0;
  return {
    bitmapOffset: bitmapOffset + (bitmapBlocks * PAGE_BYTES) / 2,
    bitmapBytes,
    descriptorOffset,
    vmcoreinfo: version >= 3 ? readVmcoreinfo(source, sub.view) : null,
    warnings: isIncomplete
      ? ['The kdump file says that it is incomplete: pages that were not written are unknown']
      : [],
  };
}

function readVmcoreinfo(source: ByteSource, sub: DataView): string | null {
  const offset = u64(sub, 32);
  const size = u64(sub, 40);
  if (size === 0 || size > MAX_VMCOREINFO || offset + size > source.size) return null;
  const bytes = new Uint8Array(size);
  source.read(offset, bytes);
  return vmcoreinfoText(bytes);
}

function readBlock(source: ByteSource, offset: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(PAGE_BYTES);
  if (source.read(offset, bytes) < PAGE_BYTES) {
    throw refusal(`the file ends after ${source.size} bytes, inside its headers`);
  }
  return { bytes, view: viewOf(bytes) };
}

const refusal = (reason: string): Ip2ProcessError =>
  new Ip2ProcessError('image', `Cannot use this kdump file: ${reason}`);
