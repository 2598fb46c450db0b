import { frameStart, PAGE_BYTES, type Frame } from '../../memory/address.ts';
import type { PageCache } from '../../translate/page-cache.ts';

/**
 * POOL_HEADER, x64, 16 bytes: previous size u8 | pool index u8 | size u8 in units of 16 bytes | type u8 | tag, 4 bytes
 *
 * Source: the kernel's public symbols. Type 0 is a free block up to Windows 10 1809.
 */
const UNIT = 16;

/**
 * Tag of the pool block that a place in a page lies in, looked for from there to the page's start. Null where there is
 * none: not pool, or a block of more than a page.
 */
export function poolTagAt(memory: PageCache, frame: Frame, offset: number): string | null {
  const bytes = Buffer.alloc(PAGE_BYTES);
  if (memory.read(frameStart(frame), bytes) < PAGE_BYTES) return null;
  for (let at = offset - (offset % UNIT) - UNIT; at >= 0; at -= UNIT) {
    const end = at + bytes.readUInt8(at + 2) * UNIT;
    const tag = bytes.toString('latin1', at + 4, at + 8);
    const isBlock = bytes.readUInt8(at + 3) !== 0 && bytes.readUInt8(at + 3) < 0x80;
    if (isBlock && end > offset && end <= PAGE_BYTES && isTag(tag) && joins(bytes, at)) {
      return plain(tag);
    }
  }
  return null;
}

/** The block before ends where this one begins, by the sizes that both tell; a page's first has none before it. */
function joins(bytes: Buffer, at: number): boolean {
  const before = at - bytes.readUInt8(at) * UNIT;
  if (before === at || before < 0) return true;
  return bytes.readUInt8(before + 2) === bytes.readUInt8(at) || bytes.readUInt8(at) === 0;
}

/** Up to Windows 7 the last character of an object's tag has its high bit set. */
const plain = (tag: string): string =>
  tag.slice(0, 3) + String.fromCharCode(tag.charCodeAt(3) & 0x7f);

const isTag = (tag: string): boolean =>
  /^[\x20-\x7e]{3}$/.test(tag.slice(0, 3)) && /^[\x20-\x7e]$/.test(plain(tag)[3] ?? '');
