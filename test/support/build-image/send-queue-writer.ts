import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { KernelObject, KernelObjects } from './kernel-objects.ts';
import { contentBytes, type SocketOptions } from './machine.ts';
import type { Ram } from './ram.ts';

/** What TCP leaves in front of the data for its headers (MAX_TCP_HEADER): a multiple of 64, as the buffer's end is. */
const HEADERS = 0x140;

/** Buffers (struct sk_buff) that wait in a socket: unsent ones in its list, sent ones in the tree beside it. */
export class SendQueueWriter {
  readonly #objects: KernelObjects;
  readonly #ram: Ram;

  constructor(objects: KernelObjects, ram: Ram) {
    this.#objects = objects;
    this.#ram = ram;
  }

  write(sock: KernelObject, { queued, queuedInPages }: SocketOptions): void {
    const objects = this.#objects;
    const unsent = queued === undefined ? [] : [this.#buffer(sock, contentBytes(queued))];
    const list = sock.at('sk_write_queue');
    objects.ring([list, ...unsent.map((buffer) => buffer.address)]);
    sock.set('sk_write_queue.qlen', unsent.length);
    if (queuedInPages === undefined) return;
    const sent = this.#buffer(sock, new Uint8Array());
    this.#addPage(sent, contentBytes(queuedInPages));
    sock.set('tcp_rtx_queue.rb_node', sent.address);
    // No links: the root of a tree of one.
    sent.set('rbnode.__rb_parent_color', 1).set('rbnode.rb_left', 0).set('rbnode.rb_right', 0);
  }

  #buffer(sock: KernelObject, bytes: Uint8Array): KernelObject {
    const objects = this.#objects;
    const end = Math.ceil((HEADERS + bytes.length) / 64) * 64;
    const head = objects.space.allocate(end + objects.types.sizeOf('skb_shared_info'));
    objects.write(head + BigInt(HEADERS), bytes);
    return objects
      .create('sk_buff')
      .set('sk', sock.address)
      .set('len', bytes.length)
      .set('head', head)
      .set('data', head + BigInt(HEADERS))
      .set('tail', HEADERS + bytes.length)
      .set('end', end);
  }

  /** The data of a buffer without any: in a page, not at its start. */
  #addPage(buffer: KernelObject, bytes: Uint8Array): void {
    const objects = this.#objects;
    if (bytes.length > PAGE_BYTES / 2) throw new Error('Cannot queue more than half a page');
    const frame = this.#ram.takeLonely();
    this.#ram.books.set(frame, { kind: 'kernel' });
    this.#ram.write(frame * PAGE_BYTES + 0x200, bytes);
    const head = this.#ram.view.getBigUint64(objects.space.toPhysical(buffer.at('head')), true);
    const shared = objects.at('skb_shared_info', head + BigInt(HEADERS));
    const [page, length, offset] = objects.types.has('skb_frag_t', 'netmem')
      ? ['netmem', 'len', 'offset']
      : ['bv_page', 'bv_len', 'bv_offset'];
    shared
      .set('nr_frags', 1)
      .set(`frags.${page}`, objects.space.pageAddress(frame))
      .set(`frags.${length}`, bytes.length)
      .set(`frags.${offset}`, 0x200);
    buffer.set('len', bytes.length).set('data_len', bytes.length);
  }
}
