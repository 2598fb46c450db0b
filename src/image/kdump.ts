import { PAGE_BYTES, type PhysicalAddress } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { FrameBitmap } from './frame-bitmap.ts';
import { holdsText } from './fields.ts';
import type { ImageFormat } from './image-format.ts';
import { readKdumpLayout, type KdumpLayout } from './kdump-header.ts';
import { kdumpPages } from './kdump-pages.ts';

/** 256 pages of 4 KiB: page-table walks come back to the same few. */
const CACHED_PAGES = 256;

/**
 * kdump-compressed file: every page alone, compressed or not; pages that the maker left out are holes. `kdump-header.ts` tells
 * the layout, `kdump-pages.ts` the pages.
 */
export const kdump: ImageFormat = {
  name: 'kdump',
  recognise: (head) => holdsText(head, 0, 'KDUMP   '),

  open(source) {
    const layout = readKdumpLayout(source);
    const frames = readBitmap(source, layout);
    const { runs, bridged } = frames.runs();
    const warnings = [...layout.warnings];
    if (bridged > 0) {
      warnings.push(
        `The kdump file is in very many pieces: in its list of runs, gaps of up to ${bridged} pages count as held`,
      );
    }
    const lastDescriptor = layout.descriptorOffset + frames.count * 24;
    if (lastDescriptor > source.size) {
      warnings.push(
        `The kdump file is truncated: its ${frames.count} page descriptors end at file offset ${lastDescriptor}, the file after ${source.size} bytes; pages without one are unknown`,
      );
    }
    return {
      format: kdump.name,
      memory: { runs, read: pageReader(source, layout, frames) },
      hints: { vmcoreinfo: layout.vmcoreinfo, cr3: [] },
      warnings,
    };
  },
};

function readBitmap(source: ByteSource, layout: KdumpLayout): FrameBitmap {
  const bytes = new Uint8Array(layout.bitmapBytes);
  source.read(layout.bitmapOffset, bytes);
  return new FrameBitmap(bytes);
}

/** `PhysicalMemory.read` over single pages: straight into the caller's bytes where whole pages are asked, through a cache else. */
function pageReader(
  source: ByteSource,
  layout: KdumpLayout,
  frames: FrameBitmap,
): (at: PhysicalAddress, into: Uint8Array) => number {
  const readPage = kdumpPages(source, layout.descriptorOffset, frames.count);
  const cached = new Uint8Array(CACHED_PAGES * PAGE_BYTES);
  const cachedFrames = new Float64Array(CACHED_PAGES).fill(-1);

  return (at, into) => {
    let frame = Math.floor(at / PAGE_BYTES);
    let skip = at % PAGE_BYTES;
    let rank = frames.has(frame) ? frames.rank(frame) : 0;
    let filled = 0;
    for (; filled < into.length && frames.has(frame); frame += 1, rank += 1, skip = 0) {
      const left = into.length - filled;
      if (skip === 0 && left >= PAGE_BYTES && into.length > PAGE_BYTES) {
        const pagesLeft = Math.floor(left / PAGE_BYTES);
        if (!readPage(rank, into.subarray(filled, filled + PAGE_BYTES), pagesLeft)) break;
        filled += PAGE_BYTES;
      } else {
        const page = cachedPage(frame, rank);
        if (page === null) break;
        const part = page.subarray(skip, skip + left);
        into.set(part, filled);
        filled += part.length;
      }
    }
    return filled;
  };

  function cachedPage(frame: number, rank: number): Uint8Array | null {
    const slot = frame % CACHED_PAGES;
    const page = cached.subarray(slot * PAGE_BYTES, (slot + 1) * PAGE_BYTES);
    if (cachedFrames[slot] === frame) return page;
    const isRead = readPage(rank, page, 1);
    cachedFrames[slot] = isRead ? frame : -1;
    return isRead ? page : null;
  }
}
