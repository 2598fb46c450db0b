/** Reads a built image as the manuals say, knowing nothing of how it was built. */
export class ReadBack {
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u64(physical: number): bigint {
    return this.bytes.readBigUInt64LE(physical);
  }

  /** The entry that ends the walk, and the bytes of what it maps if it maps: Intel SDM 3A 4.5. */
  entry(root: number, va: bigint): { readonly entry: bigint; readonly pageBytes: number } {
    let table = root;
    for (const shift of [39n, 30n, 21n, 12n]) {
      const entry = this.u64(table + Number((va >> shift) & 511n) * 8);
      const isLeaf = shift === 12n || (entry & 0x80n) !== 0n;
      if (isLeaf || (entry & 1n) === 0n) return { entry, pageBytes: 2 ** Number(shift) };
      table = Number(entry & ADDRESS);
    }
    throw new Error('a walk has four levels');
  }

  /** Physical address of a mapped byte; null where no valid entry leads. */
  translate(root: number, va: bigint): number | null {
    const { entry, pageBytes } = this.entry(root, va);
    if ((entry & 1n) === 0n) return null;
    return Number(entry & ADDRESS & ~BigInt(pageBytes - 1)) + Number(va & BigInt(pageBytes - 1));
  }

  /** A value of kernel memory. */
  kernel(root: number, va: bigint): bigint {
    const physical = this.translate(root, va);
    if (physical === null) throw new Error(`0x${va.toString(16)} is not mapped`);
    return this.u64(physical);
  }
}

export const ADDRESS = 0x000f_ffff_ffff_f000n;

/** An invalid entry as it is meant: kernel-facts 2.8.3. */
export const meant = (entry: bigint, mask: bigint): bigint =>
  (entry & 0x10n) === 0n ? entry & ~mask : entry;

export const signed = (value: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(48, value));
