import type { VirtualMemory } from '../../../src/os/linux/structures.ts';

/** Memory of a few stretches, at any addresses; words are written as they are named. */
export class VirtualBytes implements VirtualMemory {
  readonly #bytes = new Map<bigint, number>();

  word(at: bigint, value: bigint): this {
    for (let byte = 0n; byte < 8n; byte += 1n) {
      this.#bytes.set(at + byte, Number((BigInt.asUintN(64, value) >> (byte * 8n)) & 0xffn));
    }
    return this;
  }

  text(at: bigint, bytes: Uint8Array): this {
    bytes.forEach((value, index) => this.#bytes.set(at + BigInt(index), value));
    return this;
  }

  read(at: bigint, into: Uint8Array, further = 0): number {
    for (let index = 0; index < into.length; index += 1) {
      const value = this.#bytes.get(at + BigInt(further + index));
      if (value === undefined) return index;
      into[index] = value;
    }
    return into.length;
  }
}
