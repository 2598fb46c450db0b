/** One record: its name, kind, size or type, and the words behind it; members are counted by the kind's own size. */
export interface BtfRecord {
  readonly name?: string;
  readonly kind: number;
  readonly size?: number;
  readonly members?: readonly (readonly [name: string, ...words: number[]])[];
  /** Words behind the record where it has no members. */
  readonly words?: readonly number[];
  /** Members' places hold bit-field sizes in their top byte. */
  readonly hasBitFields?: boolean;
}

/** BTF of these records, which are types 1, 2, 3 …, as Documentation/bpf/btf.rst has it. */
export function encodeBtf(records: readonly BtfRecord[]): Uint8Array {
  let strings = '\0';
  const nameAt = (name: string): number => {
    if (name === '') return 0;
    const at = strings.length;
    strings += `${name}\0`;
    return at;
  };
  const words = records.flatMap(
    ({ name = '', kind, size = 0, members = [], words: behind = [], hasBitFields = false }) => [
      nameAt(name),
      ((kind << 24) | members.length | (hasBitFields ? 0x8000_0000 : 0)) >>> 0,
      size,
      ...members.flatMap(([member, ...rest]) => [nameAt(member), ...rest]),
      ...behind,
    ],
  );
  const types = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => types.writeUInt32LE(word, index * 4));
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0x0001_eb9f, 0);
  header.writeUInt32LE(24, 4);
  header.writeUInt32LE(types.length, 12);
  header.writeUInt32LE(types.length, 16);
  header.writeUInt32LE(strings.length, 20);
  return new Uint8Array(Buffer.concat([header, types, Buffer.from(strings, 'latin1')]));
}
