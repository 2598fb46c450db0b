import type { KernelSpace } from './kernel-space.ts';
import type { Ram } from './ram.ts';
import type { KernelTypes } from './struct-layout.ts';

/** A structure in the machine's memory, its members set by name. */
export interface KernelObject {
  readonly address: bigint;
  /** Address of a member, also of one inside another: "thread_info.flags". */
  at(path: string): bigint;
  /** Writes as many bytes as the member has. Negative numbers wrap. */
  set(path: string, value: number | bigint): KernelObject;
  /** ASCII, NUL behind it, cut to the member's size. */
  setText(path: string, text: string): KernelObject;
}

/** Makes objects at the places that this kernel's layout and address map say. */
export class KernelObjects {
  readonly types: KernelTypes;
  readonly space: KernelSpace;
  readonly #ram: Ram;

  constructor(types: KernelTypes, space: KernelSpace, ram: Ram) {
    this.types = types;
    this.space = space;
    this.#ram = ram;
  }

  /** In the kernel's heap. */
  create(type: string): KernelObject {
    return this.at(type, this.space.allocate(this.types.sizeOf(type)));
  }

  /** In the kernel image. */
  createStatic(type: string): KernelObject {
    return this.at(type, this.space.data(this.types.sizeOf(type)));
  }

  at(type: string, address: bigint): KernelObject {
    const { types } = this;
    const object: KernelObject = {
      address,
      at: (path) => address + BigInt(types.field(type, path).offset),
      set: (path, value) => {
        const { offset, size } = types.field(type, path);
        this.write(address + BigInt(offset), integer(value, size));
        return object;
      },
      setText: (path, text) => {
        const { offset, size } = types.field(type, path);
        this.write(address + BigInt(offset), cString(text).subarray(0, size));
        return object;
      },
    };
    return object;
  }

  write(address: bigint, bytes: Uint8Array): void {
    this.#ram.write(this.space.toPhysical(address), bytes);
  }

  writePointer(address: bigint, value: bigint): void {
    this.write(address, integer(value, 8));
  }

  /** A NUL-terminated text in the kernel's heap. */
  text(text: string): bigint {
    const bytes = cString(text);
    const address = this.space.allocate(bytes.length);
    this.write(address, bytes);
    return address;
  }

  /** Closes the list_heads at these addresses to a ring, in this order; a single one points to itself. */
  ring(heads: readonly bigint[]): void {
    heads.forEach((head, index) => {
      const next = heads[(index + 1) % heads.length] ?? head;
      this.writePointer(head, next);
      this.writePointer(next + 8n, head);
    });
  }

  /** Hangs hlist_nodes under an hlist_head. */
  chain(head: bigint, nodes: readonly bigint[]): void {
    let previous = head;
    for (const node of nodes) {
      this.writePointer(previous, node);
      this.writePointer(node + 8n, previous);
      previous = node;
    }
    this.writePointer(previous, 0n);
  }
}

export function integer(value: number | bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  return bytes.slice(0, size);
}

export const cString = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);
