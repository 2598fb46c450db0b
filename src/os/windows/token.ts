import type { Structures } from '../structures.ts';
import { isKernelAddress } from './process-header.ts';

/** Low bits of a reference that is counted in the pointer itself (EX_FAST_REF). */
const REFERENCE_BITS = 15n;
/** TOKEN.UserAndGroups: 0x90 on Windows 7, 0x98 since 8; where it leads proves it. */
const USER_AND_GROUPS = [0x98, 0x90, 0xa0, 0x88] as const;
/** ntifs.h: SID_MAX_SUB_AUTHORITIES. */
const MOST_PARTS = 15;

/** The user of a process, by the access token that its EPROCESS refers to: "S-1-5-18"; null where it cannot be read. */
export function userOf(structures: Structures, token: bigint): string | null {
  const at = token & ~REFERENCE_BITS;
  if (!isKernelAddress(at)) return null;
  for (const offset of USER_AND_GROUPS) {
    const first = structures.pointer(at, offset);
    if (!isKernelAddress(first)) continue;
    const sid = sidText(structures, structures.pointer(first));
    if (sid !== null) return sid;
  }
  return null;
}

/** SID: revision u8 (1) | count of parts u8 | authority, 6 bytes, big-endian | parts u32. */
function sidText(structures: Structures, at: bigint): string | null {
  if (!isKernelAddress(at)) return null;
  const head = structures.bytes(at, 8);
  if (head.length < 8 || head.readUInt8(0) !== 1) return null;
  const count = head.readUInt8(1);
  const authority = head.readUIntBE(2, 6);
  if (count === 0 || count > MOST_PARTS || authority === 0 || authority > 0xffff) return null;
  const parts = structures.bytes(at + 8n, count * 4);
  if (parts.length < count * 4) return null;
  const numbers = Array.from({ length: count }, (_, index) => parts.readUInt32LE(index * 4));
  return ['S', 1, authority, ...numbers].join('-');
}
