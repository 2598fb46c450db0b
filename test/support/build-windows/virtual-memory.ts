import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { Layout } from './layout.ts';
import type { Ram } from './ram.ts';

/** One address space as its builder knows it: which page has which frame, and structures written by name. */
export class VirtualMemory {
  readonly layout: Layout;
  /** page (VA / 4096) → frame */
  readonly frames = new Map<number, number>();
  protected readonly ram: Ram;

  constructor(ram: Ram, layout: Layout) {
    this.ram = ram;
    this.layout = layout;
  }

  physical(address: bigint): number {
    const frame = this.frames.get(pageOf(address));
    if (frame === undefined) throw new Error(`Cannot reach 0x${address.toString(16)}: not mapped`);
    return frame * PAGE_BYTES + Number(address & 0xfffn);
  }

  write(address: bigint, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const at = address + BigInt(done);
      const part = bytes.subarray(done, done + PAGE_BYTES - Number(at & 0xfffn));
      this.ram.write(this.physical(at), part);
      done += part.length;
    }
  }

  /** A whole number of 1, 2, 4 or 8 bytes, little-endian. */
  number(address: bigint, value: number | bigint, bytes: 1 | 2 | 4 | 8 = 8): void {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    this.write(address, buffer.subarray(0, bytes));
  }

  /** `STRUCT.Field` of the structure at `object`. */
  field(object: bigint, name: string, value: number | bigint, bytes: 1 | 2 | 4 | 8 = 8): void {
    this.number(object + BigInt(this.layout.at(name)), value, bytes);
  }

  /** LIST_ENTRYs that make one ring, in order. */
  ring(entries: readonly bigint[]): void {
    for (const [index, entry] of entries.entries()) {
      const next = entries[(index + 1) % entries.length] ?? entry;
      this.number(entry, next);
      this.number(next + 8n, entry);
    }
  }

  /** A UNICODE_STRING at `header`, its text at `buffer`. */
  unicode(header: bigint, buffer: bigint, text: string): void {
    const bytes = Buffer.from(text, 'utf16le');
    this.number(header, bytes.length, 2);
    this.number(header + 2n, bytes.length + 2, 2);
    this.number(header + 8n, buffer);
    this.write(buffer, bytes);
  }
}

export const pageOf = (address: bigint): number => Number(BigInt.asUintN(64, address) >> 12n);
