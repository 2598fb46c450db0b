import { physical, virtual } from '../../memory/address.ts';
import type { SentRange } from '../sent-range.ts';
import type { Btf } from './btf.ts';
import type { Kernel } from './kernel.ts';
import { openSockets } from './sockets.ts';
import { isKernelAddress } from './structures.ts';
import { threadsOf } from './tasks.ts';

const PAGE_BYTES = 4096;
/** Of one socket. Linux lets one have 4 MiB at most unless that is raised (net/ipv4/tcp.c, sysctl_tcp_wmem). */
const MAX_BUFFERS = 4096;
const MAX_BUFFERS_OF_PROCESS = 65_536;
/** Of one process; buffers of zero bytes are bounded by their number. */
const MAX_BYTES = 4 * 2 ** 20;
/** Linux, include/linux/skbuff.h: MAX_SKB_FRAGS unless configured. */
const MAX_FRAGMENTS = 17;
/** The largest page that a fragment lies in. */
const LARGE_PAGE = 2 ** 21;
/** x86-64 has 52 bits of physical address. */
const MAX_FRAMES = 2n ** 40n;

/**
 * What waits in the sockets of a process, by its leading task: unsent data, and for TCP also sent data that the peer has not
 * acknowledged (Linux, include/net/sock.h: sk_write_queue and, since 4.15, tcp_rtx_queue). A reader of nothing where the
 * kernel's types lack a member.
 *
 * @param map - address of the array of struct page; without it, data in pages is left out
 */
export function sendQueues(
  kernel: Kernel,
  map: bigint | null,
): (leader: bigint) => readonly SentRange[] {
  const layout = queueLayout(kernel.btf);
  if (layout === null) return () => [];
  const { structures } = kernel;
  const sockets = openSockets(kernel);
  const hasFiles = (thread: bigint): boolean =>
    isKernelAddress(structures.pointer(thread, layout.files));
  return (leader) => {
    // The leader may have ended while others run on.
    const task = threadsOf(kernel, leader).find(hasFiles);
    if (task === undefined) return [];

    const found = new Ranges(kernel);
    const visited = new Set<bigint>();
    for (const { sock } of sockets(task)) {
      for (const buffer of buffersOf(kernel, layout, sock, visited)) {
        addBuffer(kernel, layout, found, buffer, map);
      }
      if (found.isFull || visited.size >= MAX_BUFFERS_OF_PROCESS) break;
    }
    return found.merged();
  };
}

type QueueLayout = NonNullable<ReturnType<typeof queueLayout>>;

function queueLayout(btf: Btf) {
  const at = (struct: string, path: string): number | null => btf.offsetOrNull(struct, path);
  const fragment = fragmentLayout(btf);
  const offsets = [
    at('task_struct', 'files'),
    at('sock', 'sk_write_queue'),
    at('sk_buff', 'next'),
    at('sk_buff', 'len'),
    at('sk_buff', 'data_len'),
    at('sk_buff', 'head'),
    at('sk_buff', 'data'),
    at('sk_buff', 'end'),
    at('skb_shared_info', 'nr_frags'),
    at('skb_shared_info', 'frags'),
    at('sk_buff_head', 'next'),
  ];
  const known = offsets.filter((offset) => offset !== null);
  const pageBytes = btf.has('page') ? BigInt(btf.size('page')) : 0n;
  if (fragment === null || pageBytes === 0n || known.length < offsets.length) return null;
  const [files = 0, queue = 0, next = 0, length = 0, dataLength = 0, ...more] = known;
  const [head = 0, data = 0, end = 0, count = 0, fragments = 0, first = 0] = more;
  return {
    files,
    queue,
    first,
    next,
    length,
    dataLength,
    head,
    data,
    end,
    count,
    fragments,
    fragment,
    tree: treeLayout(btf),
    pageBytes,
  };
}

/** skb_frag_t: its own structure before 5.4 and since 6.9, struct bio_vec between. */
function fragmentLayout(btf: Btf) {
  const makes = [
    ['skb_frag', 'netmem', 'len', 'offset'],
    ['skb_frag_struct', 'page', 'size', 'page_offset'],
    ['bio_vec', 'bv_page', 'bv_len', 'bv_offset'],
  ] as const;
  for (const [struct, ...members] of makes) {
    const [page, length, offset] = members.map((member) => btf.offsetOrNull(struct, member));
    if (page == null || length == null || offset == null) continue;
    return { page, length, offset, bytes: btf.size(struct) };
  }
  return null;
}

function treeLayout(btf: Btf) {
  const root = btf.offsetOrNull('sock', 'tcp_rtx_queue');
  const node = btf.offsetOrNull('sk_buff', 'rbnode');
  const left = btf.offsetOrNull('rb_node', 'rb_left');
  const right = btf.offsetOrNull('rb_node', 'rb_right');
  if (root === null || node === null || left === null || right === null) return null;
  return { root, node, left, right };
}

/** The sk_buffs of the list and of the tree, none twice. */
function* buffersOf(
  { structures }: Kernel,
  { queue, first, next, tree }: QueueLayout,
  sock: bigint,
  visited: Set<bigint>,
): Generator<bigint> {
  let left = Math.min(MAX_BUFFERS, MAX_BUFFERS_OF_PROCESS - visited.size);
  const isNew = (buffer: bigint): boolean => {
    if (left <= 0 || !isKernelAddress(buffer) || visited.has(buffer)) return false;
    visited.add(buffer);
    left -= 1;
    return true;
  };
  const head = sock + BigInt(queue);
  let buffer = structures.pointer(head, first);
  while (buffer !== head && isNew(buffer)) {
    yield buffer;
    buffer = structures.pointer(buffer, next);
  }
  if (tree === null) return;
  const nodes = [structures.pointer(sock, tree.root)];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (!isNew(node - BigInt(tree.node))) continue;
    yield node - BigInt(tree.node);
    nodes.push(structures.pointer(node, tree.left), structures.pointer(node, tree.right));
  }
}

function addBuffer(
  kernel: Kernel,
  layout: QueueLayout,
  found: Ranges,
  buffer: bigint,
  map: bigint | null,
): void {
  const { structures } = kernel;
  const head = structures.pointer(buffer, layout.head);
  const data = structures.pointer(buffer, layout.data);
  const end = head + BigInt(structures.u32(buffer, layout.end));
  const inPages = structures.u32(buffer, layout.dataLength);
  const inBuffer = structures.u32(buffer, layout.length) - inPages;
  const isBuffer = isKernelAddress(head) && data >= head && data + BigInt(inBuffer) <= end;
  if (!isBuffer || inBuffer < 0) return;
  found.addVirtual(data, inBuffer);

  if (map !== null && inPages > 0) addFragments(kernel, layout, found, { end, inPages, map });
}

/** @param place - `end` of the buffer, where its skb_shared_info is; how many of its bytes are in pages */
function addFragments(
  { structures }: Kernel,
  { count, fragments, fragment, pageBytes }: QueueLayout,
  found: Ranges,
  { end, inPages, map }: { readonly end: bigint; readonly inPages: number; readonly map: bigint },
): void {
  let left = inPages;
  const pieces = Math.min(structures.u8(end, count), MAX_FRAGMENTS);
  for (let index = 0; index < pieces; index += 1) {
    const at = end + BigInt(fragments + index * fragment.bytes);
    const page = structures.pointer(at, fragment.page);
    const offset = structures.u32(at, fragment.offset);
    const length = Math.min(structures.u32(at, fragment.length), left);
    left -= length;
    const frame = (page - map) / pageBytes;
    const isPage = page >= map && (page - map) % pageBytes === 0n && frame < MAX_FRAMES;
    if (!isPage || offset + length > LARGE_PAGE) continue;
    found.addPage(page, Number(frame) * PAGE_BYTES + offset, length);
  }
}

/** Physical ranges, until there are `MAX_BYTES` of them. */
class Ranges {
  readonly #kernel: Kernel;
  readonly #ranges: { start: number; length: number }[] = [];
  #left = MAX_BYTES;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get isFull(): boolean {
    return this.#left === 0;
  }

  addVirtual(at: bigint, length: number): void {
    const wanted = Math.min(length, this.#left);
    for (let done = 0; done < wanted;) {
      const from = at + BigInt(done);
      const part = Math.min(PAGE_BYTES - Number(from & 0xfffn), wanted - done);
      const place = this.#kernel.space.translate(virtual(from))?.physical;
      if (place !== undefined) this.#ranges.push({ start: place, length: part });
      done += part;
    }
    this.#left -= wanted;
  }

  /** @param page - its struct page, which is there for memory alone */
  addPage(page: bigint, start: number, length: number): void {
    const wanted = Math.min(length, this.#left);
    if (wanted === 0 || this.#kernel.space.translate(virtual(page)) === null) return;
    this.#ranges.push({ start, length: wanted });
    this.#left -= wanted;
  }

  /** Ascending; what touches or overlaps is one. */
  merged(): SentRange[] {
    const merged: { start: number; length: number }[] = [];
    for (const { start, length } of this.#ranges.toSorted((a, b) => a.start - b.start)) {
      const last = merged.at(-1);
      if (last === undefined || last.start + last.length < start) merged.push({ start, length });
      else last.length = Math.max(last.length, start + length - last.start);
    }
    return merged.map(({ start, length }) => ({
      start: physical(start),
      length,
      source: 'send queue',
    }));
  }
}
