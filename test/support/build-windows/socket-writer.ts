import { isIPv6 } from 'node:net';
import { fileTime } from './shared-user-data.ts';
import type { KernelSpace } from './kernel-space.ts';
import type { WindowsSocketOptions, WindowsSpec } from './machine.ts';
import type { WrittenProcess } from './processes-writer.ts';
import { type SocketLayout, socketLayoutOf } from './socket-layout.ts';
import type { SocketTruth } from '../socket-truth.ts';

/** Writes TCP connections, listeners and UDP endpoints into the pool, as tcpip.sys has them. */
export function writeSockets(
  kernel: KernelSpace,
  spec: WindowsSpec,
  processes: readonly WrittenProcess[],
): SocketTruth[] {
  const writer = new SocketWriter(kernel);
  const owned = processes.flatMap(({ writer: { plan }, truth }) =>
    plan.spec.sockets.map((socket) => writer.write(socket, truth)),
  );
  return [...owned, ...spec.orphanSockets.map((socket) => writer.write(socket, null))];
}

class SocketWriter {
  readonly #kernel: KernelSpace;
  readonly #layout: SocketLayout;
  readonly #families: Readonly<Record<4 | 6, bigint>>;

  constructor(kernel: KernelSpace) {
    this.#kernel = kernel;
    this.#layout = socketLayoutOf(kernel.layout.build);
    this.#families = { 4: this.#family(2), 6: this.#family(23) };
  }

  write(
    socket: WindowsSocketOptions,
    owner: { readonly pid: number; readonly object: bigint; readonly createTime: Date } | null,
  ): SocketTruth {
    const { protocol = 'tcp', local: localText, remote: remoteText = null } = socket;
    const local = endpointOf(localText);
    const remote = remoteText === null ? null : endpointOf(remoteText);
    const process = owner?.object ?? 0n;
    const time = owner ? fileTime(new Date(owner.createTime.getTime() + 500)) : 0n;
    const state = protocol === 'udp' ? null : (socket.state ?? (remote ? 'ESTABLISHED' : 'LISTEN'));
    if (protocol === 'udp') this.#writeUdp(local, process, time);
    else if (remote) this.#writeTcp({ local, remote, process, time, state: state ?? '' });
    else this.#writeListener(local, process, time);
    const pid = owner?.pid ?? null;
    return { pid, protocol, family: local.family, local: localText, remote: remoteText, state };
  }

  #writeTcp(connection: {
    readonly local: SocketEnd;
    readonly remote: SocketEnd;
    readonly process: bigint;
    readonly time: bigint;
    readonly state: string;
  }): void {
    const { local, remote, process, time, state } = connection;
    const kernel = this.#kernel;
    const { tcp, tcpTag } = this.#layout;
    const at = kernel.pool(tcpTag, 0x3a0);
    const put = (offset: number, value: bigint | number, bytes: 2 | 4 | 8 = 8) =>
      kernel.number(at + BigInt(offset), value, bytes);
    // Addresses: the local one behind two pointers, the remote one behind one.
    const addresses = kernel.pool('InLS', 0x40);
    kernel.number(addresses, this.#localAddress(local, 0x10));
    kernel.number(addresses + 0x10n, this.#address(remote));
    put(tcp.family, this.#families[local.family]);
    put(tcp.addresses, addresses);
    put(tcp.state, STATES.indexOf(state), 4);
    put(tcp.localPort, swapped(local.port), 2);
    put(tcp.remotePort, swapped(remote.port), 2);
    put(tcp.owner, process);
    put(tcp.createTime, time);
  }

  #writeListener(local: SocketEnd, process: bigint, time: bigint): void {
    const { listener } = this.#layout;
    const at = this.#kernel.pool('TcpL', 0xc0);
    this.#writeEnd(at, listener, { local, process, time, pointerAt: 0x10 });
  }

  #writeUdp(local: SocketEnd, process: bigint, time: bigint): void {
    const { udp } = this.#layout;
    const at = this.#kernel.pool('UdpA', 0x150);
    const pointerAt = this.#kernel.layout.build >= 10240 ? 0 : 0x10;
    this.#writeEnd(at, udp, { local, process, time, pointerAt });
  }

  #writeEnd(
    at: bigint,
    layout: SocketLayout['udp'],
    end: {
      readonly local: SocketEnd;
      readonly process: bigint;
      readonly time: bigint;
      readonly pointerAt: number;
    },
  ): void {
    const kernel = this.#kernel;
    const { local, process, time, pointerAt } = end;
    kernel.number(at + BigInt(layout.family), this.#families[local.family]);
    kernel.number(at + BigInt(layout.owner), process);
    kernel.number(at + BigInt(layout.createTime), time);
    kernel.number(at + BigInt(layout.port), swapped(local.port), 2);
    // No address: any of the machine's.
    if (local.bytes.some((byte) => byte !== 0)) {
      kernel.number(at + BigInt(layout.localAddress), this.#localAddress(local, pointerAt));
    }
  }

  /** An object of which a pointer leads to a pointer to the address. */
  #localAddress(end: SocketEnd, pointerAt: number): bigint {
    const kernel = this.#kernel;
    const pointer = kernel.pool('InPt', 0x10);
    kernel.number(pointer, this.#address(end));
    const object = kernel.pool('InLA', 0x30);
    kernel.number(object + BigInt(pointerAt), pointer);
    return object;
  }

  #address(end: SocketEnd): bigint {
    const at = this.#kernel.pool('InAd', 0x10);
    this.#kernel.write(at, end.bytes);
    return at;
  }

  #family(code: number): bigint {
    const at = this.#kernel.pool('InNl', 0x40);
    this.#kernel.number(at + (this.#kernel.layout.build < 9200 ? 0x14n : 0x18n), code, 2);
    return at;
  }
}

interface SocketEnd {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  readonly port: number;
}

/** "10.0.0.7:443" or "[2001:db8::1]:443". */
function endpointOf(text: string): SocketEnd {
  const cut = text.lastIndexOf(':');
  const address = text.slice(0, cut).replace(/^\[|\]$/g, '');
  const port = Number(text.slice(cut + 1));
  if (!isIPv6(address))
    return { family: 4, bytes: Uint8Array.from(address.split('.'), Number), port };
  const [head = '', tail = ''] = address.split('::');
  const [front, back] = [groups(head), groups(tail)];
  const gap = Array.from({ length: 8 - front.length - back.length }, () => 0);
  const all = [...front, ...gap, ...back];
  return { family: 6, bytes: Uint8Array.from(all.flatMap((one) => [one >> 8, one & 255])), port };
}

const groups = (part: string): number[] =>
  part === '' ? [] : part.split(':').map((group) => parseInt(group, 16));

/** Ports are stored as they go over the wire. */
const swapped = (port: number): number => ((port & 0xff) << 8) | (port >> 8);

/** By number, from kernel-facts 2.13. */
const STATES = [
  'CLOSED',
  'LISTEN',
  'SYN_SENT',
  'SYN_RCVD',
  'ESTABLISHED',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
  '',
  '',
  'TIME_WAIT',
  'DELETE_TCB',
];
