import type { PhysicalAddress } from '../../memory/address.ts';
import type { AnchorHit } from '../../scan/anchor.ts';
import { addressText, type AddressText } from '../address-text.ts';
import type { Endpoint, Socket } from '../process.ts';
import type { Structures } from '../structures.ts';
import {
  TCP_CONTROL_BLOCK_ANCHOR,
  TCP_ENDPOINT_ANCHOR,
  TCP_LISTENER_ANCHOR,
  UDP_ENDPOINT_ANCHOR,
} from './anchors.ts';
import type { FrameDatabase } from './frame-database.ts';
import { kernelAddresses } from './kernel-addresses.ts';
import type { WindowsKernel } from './kernel.ts';
import { isKernelAddress } from './process-header.ts';
import {
  inOrderFor,
  LISTENER_SHAPES,
  TCP_OWNER,
  TCP_SHAPES,
  TCP_STATES,
  UDP_SHAPES,
  type EndShape,
  type TcpShape,
} from './socket-shapes.ts';

/** From a tag in a pool header to the block behind it. */
const TAG_TO_BLOCK = 12n;
/** u16 in the address family's object: at 0x18, on Windows 7 at 0x14. Windows' numbers for IPv4 and IPv6. */
const FAMILY_AT = [0x18, 0x14] as const;
const FAMILIES: ReadonlyMap<number, 4 | 6> = new Map([
  [2, 4],
  [23, 6],
]);

/** A few may be leftovers, or endpoints that were never bound. */
const FEWEST_BLOCKS = 3;

interface OwnedSocket {
  readonly owner: bigint;
  readonly socket: Socket;
}

/**
 * TCP connections and listeners and UDP endpoints by owner (address of its EPROCESS), found by the tags of their pool
 * blocks. What counts is what verifies: the owner is a process of this machine, and family, state, ports and addresses
 * are such. An endpoint can have been closed shortly before: its block is not cleared.
 *
 * @param build - tells which shapes are tried first; null: unknown
 */
export function socketsByOwner(
  kernel: WindowsKernel,
  database: FrameDatabase | null,
  anchors: readonly AnchorHit[],
  processes: ReadonlySet<bigint>,
  build: number | null,
): ReadonlyMap<bigint, readonly Socket[]> {
  const places = (...names: readonly string[]): PhysicalAddress[] =>
    anchors.filter(({ name }) => names.includes(name)).map(({ address }) => address);
  const tagged = {
    tcp: places(TCP_ENDPOINT_ANCHOR, TCP_CONTROL_BLOCK_ANCHOR),
    listener: places(TCP_LISTENER_ANCHOR),
    udp: places(UDP_ENDPOINT_ANCHOR),
  };
  const known = kernelAddresses(kernel, database, Object.values(tagged).flat());
  const objects = (tags: readonly PhysicalAddress[]): readonly bigint[] =>
    tags.flatMap((tag) => {
      const address = known.get(tag);
      return address === undefined ? [] : [address + TAG_TO_BLOCK];
    });

  const { structures } = kernel;
  const found = [
    ...connections(structures, objects(tagged.tcp), processes, build),
    ...ends(
      structures,
      objects(tagged.listener),
      processes,
      inOrderFor(LISTENER_SHAPES, build),
      'tcp',
    ),
    ...ends(structures, objects(tagged.udp), processes, inOrderFor(UDP_SHAPES, build), 'udp'),
  ];
  const blocks = known.size;
  if (blocks >= FEWEST_BLOCKS && found.length === 0) {
    kernel.warn(
      `Sockets are unknown: ${blocks} blocks of kernel memory are tagged as such, but none of the known layouts fits them`,
    );
  }
  const byOwner = new Map<bigint, Socket[]>();
  for (const { owner, socket } of found) {
    const list = byOwner.get(owner);
    if (list) list.push(socket);
    else byOwner.set(owner, [socket]);
  }
  return byOwner;
}

/** By the shape and the place of the owner that most objects agree on. */
function connections(
  structures: Structures,
  objects: readonly bigint[],
  processes: ReadonlySet<bigint>,
  build: number | null,
): readonly OwnedSocket[] {
  const counts = new Map<number, number>();
  const { first, end } = TCP_OWNER;
  const bodies = objects.map((at) => structures.bytes(at + BigInt(first), end - first));
  for (let offset = 0; offset < end - first; offset += 8) {
    const owned = bodies.filter(
      (body) => offset + 8 <= body.length && processes.has(body.readBigUInt64LE(offset)),
    ).length;
    if (owned > 0) counts.set(first + offset, owned);
  }
  const offsets = [...counts].toSorted(([, one], [, other]) => other - one).slice(0, 4);
  return best(
    offsets.flatMap(([owner]) =>
      inOrderFor(TCP_SHAPES, build).map((shape) =>
        objects.flatMap((at) => connectionAt(structures, at, shape, owner, processes)),
      ),
    ),
  );
}

function connectionAt(
  structures: Structures,
  at: bigint,
  shape: TcpShape,
  ownerAt: number,
  processes: ReadonlySet<bigint>,
): OwnedSocket[] {
  const owner = structures.pointer(at, ownerAt);
  const family = familyOf(structures, structures.pointer(at, shape.family));
  const state = TCP_STATES[structures.u32(at, shape.state)];
  const addresses = structures.pointer(at, shape.family + 8);
  if (!processes.has(owner) || family === null || state === undefined) return [];
  if (!isKernelAddress(addresses)) return [];

  const local = localAddress(structures, structures.pointer(addresses), 0x10, family);
  const remote = addressAt(structures, structures.pointer(addresses, 0x10), family);
  const localPort = portAt(structures, at, shape.state + 4);
  const remotePort = portAt(structures, at, shape.state + 6);
  if (local === null || remote === null || localPort === 0 || remotePort === 0) return [];
  const socket: Socket = {
    protocol: 'tcp',
    family: remote.family,
    local: { address: local.text, port: localPort },
    remote: { address: remote.text, port: remotePort },
    state,
  };
  return [{ owner, socket }];
}

function ends(
  structures: Structures,
  objects: readonly bigint[],
  processes: ReadonlySet<bigint>,
  shapes: readonly EndShape[],
  protocol: 'tcp' | 'udp',
): readonly OwnedSocket[] {
  return best(
    shapes.map((shape) =>
      objects.flatMap((at) => {
        const owner = structures.pointer(at, shape.owner);
        const family = familyOf(structures, structures.pointer(at, shape.family));
        const local = family && localEnd(structures, at, shape, family);
        if (!processes.has(owner) || family === null || local === null) return [];
        const state = protocol === 'tcp' ? 'LISTEN' : null;
        return [{ owner, socket: { protocol, family, local, remote: null, state } }];
      }),
    ),
  );
}

function localEnd(
  structures: Structures,
  at: bigint,
  shape: EndShape,
  family: 4 | 6,
): Endpoint | null {
  const port = portAt(structures, at, shape.port);
  const object = structures.pointer(at, shape.localAddress);
  if (port === 0) return null;
  // No address: any of the machine's.
  if (object === 0n) return { address: family === 4 ? '0.0.0.0' : '::', port };
  const address = localAddress(structures, object, shape.pointerAt, family);
  return address && { address: address.text, port };
}

/** The first of those that read most objects. */
const best = (tries: readonly (readonly OwnedSocket[])[]): readonly OwnedSocket[] =>
  tries.reduce((most, one) => (one.length > most.length ? one : most), []);

/** The object of a local address leads to a pointer that leads to the address. */
function localAddress(
  structures: Structures,
  object: bigint,
  pointerAt: number,
  family: 4 | 6,
): AddressText | null {
  if (!isKernelAddress(object)) return null;
  const pointer = structures.pointer(object, pointerAt);
  return isKernelAddress(pointer)
    ? addressAt(structures, structures.pointer(pointer), family)
    : null;
}

function addressAt(structures: Structures, at: bigint, family: 4 | 6): AddressText | null {
  return isKernelAddress(at) ? addressText(structures.bytes(at, family === 4 ? 4 : 16)) : null;
}

function familyOf(structures: Structures, object: bigint): 4 | 6 | null {
  if (!isKernelAddress(object)) return null;
  for (const offset of FAMILY_AT) {
    const family = FAMILIES.get(structures.u16(object, offset));
    if (family !== undefined) return family;
  }
  return null;
}

/** Ports are stored in network order. */
function portAt(structures: Structures, at: bigint, offset: number): number {
  const stored = structures.u16(at, offset);
  return ((stored & 0xff) << 8) | (stored >> 8);
}
