import type { Build } from './layout.ts';

/** Where tcpip.sys of one build has what the builder writes. */
export interface SocketLayout {
  readonly tcpTag: string;
  readonly tcp: {
    readonly family: number;
    readonly addresses: number;
    readonly state: number;
    readonly localPort: number;
    readonly remotePort: number;
    readonly owner: number;
    readonly createTime: number;
  };
  readonly listener: EndLayout;
  readonly udp: EndLayout;
}

export interface EndLayout {
  readonly family: number;
  readonly owner: number;
  readonly createTime: number;
  readonly localAddress: number;
  readonly port: number;
}

/** Source: kernel-facts 2.13.2. 22621 and 26100: only ever found by search, inferred. */
export function socketLayoutOf(build: Build): SocketLayout {
  const [owner, createTime] = TCP_OWNER[build];
  const isSeven = build < 9200;
  const state = isSeven ? 0x68 : 0x6c;
  return {
    tcpTag: build >= 20348 ? 'TTcb' : 'TcpE',
    tcp: {
      family: isSeven ? 0x18 : 0x10,
      addresses: isSeven ? 0x20 : 0x18,
      state,
      localPort: state + 4,
      remotePort: state + 6,
      owner,
      createTime,
    },
    listener: listenerOf(build),
    udp: udpOf(build),
  };
}

function listenerOf(build: Build): EndLayout {
  if (build < 10240) return end(0x60, 0x28, isEight(build) ? 0x40 : 0x20, 0x58, 0x6a);
  if (build < 26100) return end(0x28, 0x30, 0x40, 0x60, 0x72);
  return end(0x30, 0x38, 0x48, 0x68, 0x7a);
}

function udpOf(build: Build): EndLayout {
  if (build < 9600) return end(0x20, 0x28, 0x58, 0x60, 0x80);
  if (build < 10240) return end(0x20, 0x28, 0x58, 0x60, 0x78);
  if (build < 19041) return end(0x20, 0x28, 0x58, 0x80, 0x78);
  if (build < 26100) return end(0x20, 0x28, 0x58, 0xa8, 0xa0);
  return end(0x28, 0x30, 0x60, 0xb0, 0xa8);
}

const isEight = (build: Build): boolean => build >= 9200;

const end = (
  family: number,
  owner: number,
  createTime: number,
  localAddress: number,
  port: number,
): EndLayout => ({ family, owner, createTime, localAddress, port });

/** Owner and CreateTime of a connection; 7 keeps its time in front. */
const TCP_OWNER: Readonly<Record<Build, readonly [owner: number, createTime: number]>> = {
  7601: [0x238, 0],
  9600: [0x260, 0x270],
  14393: [0x258, 0x268],
  17763: [0x2c8, 0x2d8],
  18362: [0x290, 0x2a0],
  19041: [0x2d8, 0x2e8],
  22000: [0x2f0, 0x308],
  22621: [0x2f0, 0x300],
  26100: [0x2f8, 0x308],
};
