import { physical, virtual } from '../../memory/address.ts';
import type { SentRange } from '../sent-range.ts';
import type { Kernel } from './kernel.ts';
import { threadsOf } from './tasks.ts';

const PAGE_BYTES = 4096n;
/** Linux, net/core/sock.c: SKB_FRAG_PAGE_ORDER is 32 KiB. */
const MAX_FRAGMENT = 32_768;

/**
 * What the threads of a process last copied into their fragment pages on its way to sockets (task_struct.task_frag). The
 * page outlives the request: the thread keeps it and goes on behind what it wrote, and begins it anew once everything in it
 * is acknowledged (net/core/sock.c, skb_page_frag_refill), so that earlier requests stand behind the offset.
 *
 * @param map - address of the array of struct page
 */
export function sentRanges(kernel: Kernel, leader: bigint, map: bigint): readonly SentRange[] {
  const { btf, structures } = kernel;
  const fragment = btf.offset('task_struct', 'task_frag');
  const offset = btf.offset('page_frag', 'offset');
  const size = btf.offset('page_frag', 'size');
  const pageBytes = BigInt(btf.size('page'));

  const ranges: SentRange[] = [];
  // Damaged types can say anything.
  if (pageBytes === 0n) return ranges;
  for (const thread of threadsOf(kernel, leader)) {
    const at = thread + BigInt(fragment);
    const page = structures.pointer(at, btf.offset('page_frag', 'page'));
    const length = structures.u32(at, offset);
    const limit = Math.min(structures.u32(at, size), MAX_FRAGMENT);
    const isPage = page >= map && (page - map) % pageBytes === 0n;
    if (!isPage || length > limit) continue;
    if (kernel.space.translate(virtual(page)) === null) continue;
    const start = physical(Number(((page - map) / pageBytes) * PAGE_BYTES));
    if (length > 0) ranges.push({ start, length, source: 'page fragment' });
    if (limit > length) {
      ranges.push({
        start: physical(start + length),
        length: limit - length,
        source: 'earlier fragment',
      });
    }
  }
  return ranges;
}
