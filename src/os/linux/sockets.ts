import type { Endpoint, Socket } from '../process.ts';
import { addressText } from '../address-text.ts';
import type { Kernel } from './kernel.ts';
import { isKernelAddress } from './structures.ts';

/** Linux, fs/file.c: sysctl_nr_open, the most that a process can have open unless that is raised. */
const MAX_FILES = 1_048_576;
const FILES_AT_ONCE = 512;
/** Of all processes together: Linux keeps to a tenth of RAM (fs/file_table.c, files_maxfiles_init), 10 million on 100 GiB. */
const MAX_FILES_OF_ALL = 16 * 2 ** 20;

/** Linux, include/uapi/linux/{stat,socket,in}.h */
const FILE_TYPE = 0xf000;
const SOCKET_TYPE = 0xc000;
const FAMILY = { ipv4: 2, ipv6: 10 } as const;
const PROTOCOLS: ReadonlyMap<number, Socket['protocol']> = new Map([
  [6, 'tcp'],
  [262, 'tcp'], // Multipath TCP
  [17, 'udp'],
  [136, 'udp'], // UDP-Lite
]);

/** Linux, include/net/tcp_states.h, as RFC 793 names them. */
const TCP_STATES: readonly (string | undefined)[] = [
  undefined,
  'ESTABLISHED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
  'SYN-RECEIVED',
];

/** A TCP or UDP socket by its address as a struct sock. */
export interface OpenSocket {
  readonly sock: bigint;
  readonly protocol: Socket['protocol'];
  readonly isV6: boolean;
}

/** Network sockets among the open files of a task. */
export function socketReader(kernel: Kernel): (task: bigint) => readonly Socket[] {
  const layout = socketLayout(kernel);
  const open = openSockets(kernel);
  return (task) => {
    const sockets: Socket[] = [];
    for (const one of open(task)) {
      const socket = readSocket(kernel, layout, one);
      if (socket !== null) sockets.push(socket);
    }
    return sockets;
  };
}

/** The sockets themselves, of one task after the other. */
export function openSockets(kernel: Kernel): (task: bigint) => Generator<OpenSocket> {
  const { btf, structures } = kernel;
  const layout = socketLayout(kernel);
  let left = MAX_FILES_OF_ALL;
  return function* sockets(task) {
    const files = structures.pointer(task, btf.offset('task_struct', 'files'));
    if (!isKernelAddress(files)) return;
    const table = structures.pointer(files, layout.table);
    const count = Math.min(structures.u32(table, layout.count), MAX_FILES, left);
    left -= count;
    for (const file of pointers(kernel, structures.pointer(table, layout.files), count)) {
      const socket = isKernelAddress(file) ? socketOfFile(kernel, layout, file) : null;
      if (socket !== null) yield socket;
    }
  };
}

type SocketLayout = ReturnType<typeof socketLayout>;

const socketLayout = ({ btf }: Kernel) => {
  const common = (path: string): number => btf.offset('sock', `__sk_common.${path}`);
  return {
    table: btf.offset('files_struct', 'fdt'),
    count: btf.offset('fdtable', 'max_fds'),
    files: btf.offset('fdtable', 'fd'),
    inode: btf.offset('file', 'f_inode'),
    privateData: btf.offset('file', 'private_data'),
    mode: btf.offset('inode', 'i_mode'),
    socketFile: btf.offset('socket', 'file'),
    sock: btf.offset('socket', 'sk'),
    // A bit field of 8 bits, on a byte of its own, before 5.6; 16 bits since.
    protocol: btf.field('sock', 'sk_protocol') ?? { offset: 0, bits: 0 },
    family: common('skc_family'),
    state: common('skc_state'),
    localPort: common('skc_num'),
    remotePort: common('skc_dport'),
    local4: BigInt(common('skc_rcv_saddr')),
    remote4: BigInt(common('skc_daddr')),
    local6: BigInt(btf.offsetOrNull('sock', '__sk_common.skc_v6_rcv_saddr') ?? 0),
    remote6: BigInt(btf.offsetOrNull('sock', '__sk_common.skc_v6_daddr') ?? 0),
  };
};

/** Null where the file is no TCP or UDP socket. */
function socketOfFile(
  { structures }: Kernel,
  layout: SocketLayout,
  file: bigint,
): OpenSocket | null {
  const mode = structures.u16(structures.pointer(file, layout.inode), layout.mode);
  if ((mode & FILE_TYPE) !== SOCKET_TYPE) return null;
  const socket = structures.pointer(file, layout.privateData);
  // The socket's way back to its file: what is freed, or no socket, has none.
  if (structures.pointer(socket, layout.socketFile) !== file) return null;

  const sock = structures.pointer(socket, layout.sock);
  const read = layout.protocol.bits === 16 ? 'u16' : 'u8';
  const protocol = PROTOCOLS.get(structures[read](sock, layout.protocol.offset));
  const family = structures.u16(sock, layout.family);
  if (protocol === undefined || (family !== FAMILY.ipv4 && family !== FAMILY.ipv6)) return null;
  return { sock, protocol, isV6: family === FAMILY.ipv6 };
}

function readSocket(
  { structures }: Kernel,
  layout: SocketLayout,
  { sock, protocol, isV6 }: OpenSocket,
): Socket | null {
  const [localAt, remoteAt] = isV6
    ? [layout.local6, layout.remote6]
    : [layout.local4, layout.remote4];
  const length = isV6 ? 16 : 4;
  const local = addressText(structures.bytes(sock + localAt, length));
  const remote = addressText(structures.bytes(sock + remoteAt, length));
  if (local === null || remote === null) return null;

  const port = structures.u16(sock, layout.remotePort);
  const peer: Endpoint = { address: remote.text, port: swapped(port) };
  const isConnected = port !== 0;
  return {
    protocol,
    family: isConnected ? remote.family : local.family,
    local: { address: local.text, port: structures.u16(sock, layout.localPort) },
    remote: isConnected ? peer : null,
    state: protocol === 'tcp' ? (TCP_STATES[structures.u8(sock, layout.state)] ?? null) : null,
  };
}

/** An array of pointers, as far as it can be read. */
function* pointers({ structures }: Kernel, array: bigint, count: number): Generator<bigint> {
  for (let index = 0; index < count; index += FILES_AT_ONCE) {
    const wanted = Math.min(FILES_AT_ONCE, count - index) * 8;
    const bytes = structures.bytes(array + BigInt(index * 8), wanted);
    for (let at = 0; at + 8 <= bytes.length; at += 8) yield bytes.readBigUInt64LE(at);
    if (bytes.length < wanted) return;
  }
}

/** Network order to number. */
const swapped = (port: number): number => ((port & 0xff) << 8) | (port >>> 8);
