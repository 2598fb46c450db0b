/** Where tcpip.sys keeps what in its objects: bytes from the object's start. None of it is in public symbols. */
export interface TcpShape {
  /** First build that it was seen in. */
  readonly since: number;
  /** Pointer to the address family's object; behind it the pointer to both addresses. */
  readonly family: number;
  readonly state: number;
}

export interface EndShape {
  readonly since: number;
  readonly family: number;
  readonly owner: number;
  readonly localAddress: number;
  readonly port: number;
  /** Where the object of a local address has its pointer. */
  readonly pointerAt: number;
}

/** The port, and behind it the remote one, follow the state. The owner is sought: it moves with each servicing. */
export const TCP_SHAPES: readonly TcpShape[] = [
  { since: 22000, family: 0x18, state: 0x70 },
  { since: 22000, family: 0x18, state: 0x6c },
  { since: 9200, family: 0x10, state: 0x6c },
  { since: 7600, family: 0x18, state: 0x68 },
];
export const TCP_OWNER = { first: 0x80, end: 0x380 };

export const LISTENER_SHAPES: readonly EndShape[] = [
  end(26100, 0x30, 0x38, 0x68, 0x7a, 0x10),
  end(10240, 0x28, 0x30, 0x60, 0x72, 0x10),
  end(7600, 0x60, 0x28, 0x58, 0x6a, 0x10),
];

export const UDP_SHAPES: readonly EndShape[] = [
  end(26100, 0x28, 0x30, 0xb0, 0xa8, 0),
  end(19041, 0x20, 0x28, 0xa8, 0xa0, 0),
  end(18363, 0x20, 0x28, 0x88, 0x80, 0),
  end(10240, 0x20, 0x28, 0x80, 0x78, 0),
  end(9600, 0x20, 0x28, 0x60, 0x78, 0x10),
  end(7600, 0x20, 0x28, 0x60, 0x80, 0x10),
];

function end(
  since: number,
  family: number,
  owner: number,
  localAddress: number,
  port: number,
  pointerAt: number,
): EndShape {
  return { since, family, owner, localAddress, port, pointerAt };
}

/** Those of the build first, then the nearest older, then newer ones. */
export function inOrderFor<Shape extends { readonly since: number }>(
  shapes: readonly Shape[],
  build: number | null,
): readonly Shape[] {
  if (build === null) return shapes;
  const distance = ({ since }: Shape): number =>
    since <= build ? build - since : 100_000 + since - build;
  return shapes.toSorted((one, other) => distance(one) - distance(other));
}

/** TCP_STATE by number, as RFC 793 names them. Source: MIB_TCP_STATE of iprtrmib.h, less one. */
export const TCP_STATES: readonly (string | undefined)[] = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  undefined,
  undefined,
  'TIME-WAIT',
  'CLOSED',
];
