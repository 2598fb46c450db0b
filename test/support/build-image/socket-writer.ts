import { isIPv6 } from 'node:net';
import type { FileTree } from './file-tree-writer.ts';
import type { SocketTruth } from '../socket-truth.ts';
import type { KernelObject, KernelObjects } from './kernel-objects.ts';
import type { SocketOptions } from './machine.ts';
import type { Ram } from './ram.ts';
import { SendQueueWriter } from './send-queue-writer.ts';

/** include/net/tcp_states.h: the number of each is its place here. */
const TCP_STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
];
const [AF_UNIX, AF_INET, AF_INET6] = [1, 2, 10];
const [TCP, UDP] = [6, 17];
const [SOCK_STREAM, SOCK_DGRAM] = [1, 2];
const BUCKETS = 16;

/** Sockets as processes hold them, and the kernel's table of TCP connections. */
export class Sockets {
  /** Address of tcp_hashinfo. */
  readonly hashInfo: bigint;
  readonly #objects: KernelObjects;
  readonly #files: FileTree;
  readonly #queues: SendQueueWriter;
  readonly #protocols = new Map<string, bigint>();
  /** sock addresses of each bucket */
  readonly #buckets: bigint[][] = Array.from({ length: BUCKETS }, () => []);
  readonly #table: bigint;

  constructor(objects: KernelObjects, files: FileTree, ram: Ram) {
    this.#objects = objects;
    this.#files = files;
    this.#queues = new SendQueueWriter(objects, ram);
    this.#table = objects.space.allocate(BUCKETS * 8);
    this.hashInfo = objects
      .createStatic('inet_hashinfo')
      .set('ehash', this.#table)
      .set('ehash_mask', BUCKETS - 1).address;
  }

  /** A socket in a process' hands; returns its struct file. */
  open(options: SocketOptions): bigint {
    const truth = socketTruth(options, null);
    const isTcp = truth.protocol === 'tcp';
    const sock = this.#sock(truth);
    const socket = this.#objects
      .create('socket')
      .set('state', truth.remote === null ? 1 : 3)
      .set('type', isTcp ? SOCK_STREAM : SOCK_DGRAM)
      .set('sk', sock.address);
    sock.set('sk_socket', socket.address);
    this.#queues.write(sock, options);
    const file = this.#files.openSocket(socket.address);
    socket.set('file', file);
    return file;
  }

  /** One between programs of this machine (AF_UNIX): what lies where others have addresses means nothing. */
  openLocal(): bigint {
    const sock = this.#objects.create('inet_sock').address;
    this.#objects.at('sock_common', sock).set('skc_family', AF_UNIX).set('skc_state', 1);
    this.#objects.at('sock_common', sock).set('skc_daddr', 0x0707_71cb).set('skc_dport', 0xbb01);
    this.#objects.at('sock', sock).set('sk_type', SOCK_STREAM);
    const socket = this.#objects.create('socket').set('state', 3).set('sk', sock);
    socket.set('type', SOCK_STREAM);
    const file = this.#files.openSocket(socket.address);
    socket.set('file', file);
    return file;
  }

  /** A connection that no process holds any more. */
  leave(options: SocketOptions): void {
    this.#sock(socketTruth(options, null));
  }

  /** Writes the table once all sockets are there. A chain ends in an odd number: twice the bucket's, plus one. */
  close(): void {
    const node = (sock: bigint): bigint =>
      this.#objects.at('sock_common', sock).at('skc_nulls_node.next');
    this.#buckets.forEach((socks, index) => {
      let previous = this.#table + BigInt(index * 8);
      for (const sock of socks) {
        this.#objects.writePointer(previous, node(sock));
        this.#objects.writePointer(node(sock) + 8n, previous);
        previous = node(sock);
      }
      this.#objects.writePointer(previous, BigInt(index * 2 + 1));
    });
  }

  #sock(truth: SocketTruth): KernelObject {
    const { protocol, family, state } = truth;
    const isTcp = protocol === 'tcp';
    const sock = this.#objects.create('inet_sock').address;
    const [local, remote] = [endpoint(truth.local), truth.remote && endpoint(truth.remote)];
    const stateNumber = isTcp ? TCP_STATES.indexOf(state ?? '') : remote ? 1 : 7;
    if (stateNumber < 1) throw new Error(`Cannot make a socket: "${state}" is no TCP state`);
    const common = this.#objects
      .at('sock_common', sock)
      .set('skc_family', family === 6 ? AF_INET6 : AF_INET)
      .set('skc_state', stateNumber)
      .set('skc_num', local.port)
      .set('skc_dport', bigEndian(remote ? remote.port : 0))
      .set('skc_prot', this.#protocol(`${isTcp ? 'TCP' : 'UDP'}${family === 6 ? 'v6' : ''}`))
      .set('skc_refcnt', 1);
    this.#address(common, family, local.address, 'skc_rcv_saddr', 'skc_v6_rcv_saddr');
    if (remote) this.#address(common, family, remote.address, 'skc_daddr', 'skc_v6_daddr');
    if (isTcp && state !== 'LISTEN') this.#buckets[local.port % BUCKETS]?.push(sock);
    return this.#objects
      .at('sock', sock)
      .set('sk_type', isTcp ? SOCK_STREAM : SOCK_DGRAM)
      .set('sk_protocol', isTcp ? TCP : UDP);
  }

  #address(common: KernelObject, family: 4 | 6, text: string, v4: string, v6: string): void {
    if (family === 6) this.#objects.write(common.at(v6), ipv6Bytes(text));
    else this.#objects.write(common.at(v4), Uint8Array.from(text.split('.'), Number));
  }

  #protocol(name: string): bigint {
    const known = this.#protocols.get(name);
    if (known !== undefined) return known;
    const made = this.#objects.createStatic('proto').setText('name', name).address;
    this.#protocols.set(name, made);
    return made;
  }
}

export function socketTruth(options: SocketOptions, pid: number | null): SocketTruth {
  const { protocol = 'tcp', local, remote = null } = options;
  const family = options.family ?? (isIPv6(endpoint(local).address) ? 6 : 4);
  const state = options.state ?? (remote === null ? 'LISTEN' : 'ESTABLISHED');
  return { pid, protocol, family, local, remote, state: protocol === 'tcp' ? state : null };
}

/** "203.0.113.7:443" or "[2001:db8::1]:443" */
function endpoint(text: string): { address: string; port: number } {
  const [, address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  if (address === undefined || port === undefined) {
    throw new Error(`Cannot read the endpoint "${text}": it should be "address:port"`);
  }
  return { address, port: Number(port) };
}

const bigEndian = (port: number): number => ((port & 0xff) << 8) | (port >> 8);

function ipv6Bytes(text: string): Uint8Array {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) {
    return Uint8Array.of(...Array<number>(10).fill(0), 255, 255, ...mapped.split('.').map(Number));
  }
  const [head = '', tail] = text.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  if (!before || !after) return new Uint8Array(16);
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  const bytes = [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return Uint8Array.from(bytes);
}
