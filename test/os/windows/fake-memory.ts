import { Structures } from '../../../src/os/structures.ts';

/** Kernel or user memory in small pieces, for structures that a test writes by hand. */
export class FakeMemory {
  readonly structures = new Structures(this);
  readonly #bytes = new Map<bigint, number>();

  read(at: bigint, into: Uint8Array, further = 0): number {
    for (let index = 0; index < into.length; index += 1) {
      const byte = this.#bytes.get(at + BigInt(further + index));
      if (byte === undefined) return index;
      into[index] = byte;
    }
    return into.length;
  }

  bytes(at: bigint, bytes: Uint8Array): this {
    bytes.forEach((byte, index) => this.#bytes.set(at + BigInt(index), byte));
    return this;
  }

  u64(at: bigint, value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    return this.bytes(at, bytes);
  }

  u32(at: bigint, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return this.bytes(at, bytes);
  }

  zeros(at: bigint, length: number): this {
    return this.bytes(at, new Uint8Array(length));
  }

  text(at: bigint, text: string): this {
    return this.bytes(at, Buffer.from(text, 'latin1'));
  }

  /** UNICODE_STRING, and its text at `buffer`. */
  unicode(at: bigint, buffer: bigint, text: string, stored = buffer): this {
    const bytes = Buffer.from(text, 'utf16le');
    this.u32(at, bytes.length | ((bytes.length + 2) << 16))
      .u32(at + 4n, 0)
      .u64(at + 8n, stored);
    return this.bytes(buffer, bytes).bytes(buffer + BigInt(bytes.length), new Uint8Array(8));
  }
}
