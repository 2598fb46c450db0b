import { virtual, type VirtualAddress } from '../memory/address.ts';

/** Memory by virtual address, such as an `AddressSpace`. */
export interface VirtualMemory {
  /** Fills `into` from `further` bytes behind `at`; returns how many bytes came before the first that is not there. */
  read(at: VirtualAddress, into: Uint8Array, further?: number): number;
}

/**
 * Fields of structures at virtual addresses, which may be anything: they come from the image.
 *
 * A field that cannot be read is 0, the kernel's own way to say "none": lists end there, pointers lead nowhere. Whoever
 * must tell the two apart asks `isReadable`.
 */
export class Structures {
  readonly #memory: VirtualMemory;
  readonly #word = new Uint8Array(8);
  readonly #view = new DataView(this.#word.buffer);

  constructor(memory: VirtualMemory) {
    this.#memory = memory;
  }

  isReadable(at: bigint): boolean {
    return this.#memory.read(virtual(at), this.#word) === 8;
  }

  pointer(at: bigint, offset = 0): bigint {
    return this.#fetch(at, offset) === 8 ? this.#view.getBigUint64(0, true) : 0n;
  }

  i64(at: bigint, offset = 0): bigint {
    return BigInt.asIntN(64, this.pointer(at, offset));
  }

  u32(at: bigint, offset = 0): number {
    return this.#fetch(at, offset) >= 4 ? this.#view.getUint32(0, true) : 0;
  }

  i32(at: bigint, offset = 0): number {
    return this.u32(at, offset) | 0;
  }

  u16(at: bigint, offset = 0): number {
    return this.#fetch(at, offset) >= 2 ? this.#view.getUint16(0, true) : 0;
  }

  u8(at: bigint, offset = 0): number {
    return this.#fetch(at, offset) >= 1 ? this.#view.getUint8(0) : 0;
  }

  /** As many bytes of those asked as can be read. */
  bytes(at: bigint, length: number): Buffer {
    // What is not read of it is not handed out.
    const into = Buffer.allocUnsafe(length);
    return into.subarray(0, this.#memory.read(virtual(at), into));
  }

  /** Text up to its NUL, at most `length` bytes. Bytes that are no UTF-8 become U+FFFD. */
  text(at: bigint, length: number): string {
    const bytes = this.bytes(at, length);
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
  }

  #fetch(at: bigint, offset: number): number {
    return this.#memory.read(virtual(at), this.#word, offset);
  }
}
