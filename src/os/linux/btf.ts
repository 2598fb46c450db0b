/**
 * BTF, the kernel's own description of its types ("BPF Type Format").
 *
 * header: magic u16 0xeb9f | version u8 | flags u8 | header length u32 | type offset u32 | type length u32 |
 *         string offset u32 | string length u32; offsets count from the end of the header
 * type:   name u32 | info u32 (members 0–15, kind 24–28, kind flag 31) | size or type u32 | by kind: see EXTRA_BYTES
 *
 * A kernel holds some 130,000 types in 4 MiB: they stay bytes, and only their positions are listed.
 *
 * Source: Linux, Documentation/bpf/btf.rst.
 */
import { Ip2ProcessError } from '../../errors.ts';

/** A member of a structure, its place counted from the structure's first byte. */
export interface BtfField {
  /** Bytes. */
  readonly offset: number;
  /** Bits before it in the byte at `offset`: 0 but for bit fields. */
  readonly shift: number;
  /** Its size in bits. */
  readonly bits: number;
  /** Elements, where it is an array; else 1. */
  readonly count: number;
}

export const BTF_HEADER_BYTES = 24;
const MAGIC = 0xeb9f;
/** vmlinux has 3 to 12 MiB. */
const MAX_BYTES = 64 * 2 ** 20;
/** task_struct has 10 KiB, the largest of all a few hundred. Callers make buffers of this size. */
const MAX_STRUCT_BYTES = 2 ** 20;
/** Structures in structures, and typedefs of typedefs: the kernel has at most 6. */
const MAX_DEPTH = 16;

const KIND = { pointer: 2, array: 3, struct: 4, union: 5, enum: 6, enum64: 19 } as const;
/** const, volatile, restrict, typedef, type tag: names or marks of another type. */
const ALIASES = new Set([8, 9, 10, 11, 18]);
/** By kind: bytes behind the record once, and per member. */
const EXTRA_BYTES: readonly (readonly [once: number, perMember: number] | undefined)[] = [
  undefined, // 0 void has no record
  [4, 0], // 1 integer
  [0, 0], // 2 pointer
  [12, 0], // 3 array
  [0, 12], // 4 struct
  [0, 12], // 5 union
  [0, 8], // 6 enum
  [0, 0], // 7 forward
  [0, 0], // 8 typedef
  [0, 0], // 9 volatile
  [0, 0], // 10 const
  [0, 0], // 11 restrict
  [0, 0], // 12 function
  [0, 8], // 13 function prototype
  [4, 0], // 14 variable
  [0, 12], // 15 data section
  [0, 0], // 16 float
  [4, 0], // 17 declaration tag
  [0, 0], // 18 type tag
  [0, 12], // 19 enum64
];

/** Bytes that the header promises, header included; null where it is no header of a kernel's types. */
export function btfLength(header: DataView): number | null {
  if (header.getUint16(0, true) !== MAGIC || header.getUint32(4, true) !== BTF_HEADER_BYTES) {
    return null;
  }
  const typeLength = header.getUint32(12, true);
  const stringOffset = header.getUint32(16, true);
  const length = BTF_HEADER_BYTES + stringOffset + header.getUint32(20, true);
  const isOrdered = header.getUint32(8, true) === 0 && stringOffset >= typeLength;
  return isOrdered && typeLength >= 12 && length <= MAX_BYTES ? length : null;
}

export class Btf {
  readonly #bytes: DataView;
  readonly #text: Buffer;
  readonly #strings: number;
  /** Where the record of a type begins, by type number; number 0 is void. */
  readonly #positions: Uint32Array;
  readonly #byName: ReadonlyMap<string, number>;
  /** Members asked for before: a reader asks for the same few at every object. */
  readonly #fields = new Map<string, BtfField | null>();

  private constructor(
    bytes: Uint8Array,
    strings: number,
    positions: Uint32Array,
    named: readonly number[],
  ) {
    this.#bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#strings = strings;
    this.#positions = positions;
    const byName = new Map<string, number>();
    for (const type of named) {
      const name = this.#nameAt(this.#record(type));
      // The first of a name wins: later ones are private types of single files.
      if (!byName.has(name)) byName.set(name, type);
    }
    this.#byName = byName;
  }

  /** The types in `bytes`, which start with the header; null where they are not whole. */
  static parse(bytes: Uint8Array): Btf | null {
    if (bytes.length < BTF_HEADER_BYTES) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = btfLength(view);
    if (length === null || length > bytes.length) return null;
    const strings = BTF_HEADER_BYTES + view.getUint32(16, true);
    const stringLength = length - strings;
    if (stringLength === 0 || bytes[strings] !== 0 || bytes[length - 1] !== 0) return null;

    const end = BTF_HEADER_BYTES + view.getUint32(12, true);
    const positions = new Uint32Array(Math.floor((end - BTF_HEADER_BYTES) / 12) + 1);
    const named: number[] = [];
    let count = 1;
    for (let at = BTF_HEADER_BYTES; at < end; count += 1) {
      if (at + 12 > end) return null;
      const name = view.getUint32(at, true);
      const info = view.getUint32(at + 4, true);
      const kind = (info >>> 24) & 0x1f;
      const extra = EXTRA_BYTES[kind];
      if (extra === undefined || name >= stringLength) return null;
      positions[count] = at;
      if (name !== 0 && (isAggregate(kind) || isEnum(kind))) named.push(count);
      at += 12 + extra[0] + extra[1] * (info & 0xffff);
      if (at > end) return null;
    }
    return new Btf(bytes.subarray(0, length), strings, positions.subarray(0, count), named);
  }

  /** Whether the kernel has a structure (or union, or enumeration) of this name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Size of a structure in bytes, at most 1 MiB. Throws where the kernel has none of this name. */
  size(struct: string): number {
    if (!this.has(struct)) throw missing(`no structure ${struct}`);
    const bytes = this.#structBytes(struct);
    if (bytes > MAX_STRUCT_BYTES) throw missing(`a structure ${struct} of ${bytes} bytes`);
    return bytes;
  }

  /** Offset in bytes of a member such as `f_path.dentry`. Throws where there is none. */
  offset(struct: string, path: string): number {
    const field = this.field(struct, path);
    if (field === null) throw missing(`no member ${path} in ${struct}`);
    return field.offset;
  }

  offsetOrNull(struct: string, path: string): number | null {
    return this.field(struct, path)?.offset ?? null;
  }

  /** A member; members of unnamed structures inside count as the structure's own. */
  field(struct: string, path: string): BtfField | null {
    const key = `${struct}.${path}`;
    const known = this.#fields.get(key);
    if (known !== undefined) return known;
    const found = this.#find(struct, path);
    this.#fields.set(key, found);
    return found;
  }

  #find(struct: string, path: string): BtfField | null {
    let type = this.#byName.get(struct);
    let bit = 0;
    let bits = 0;
    for (const name of path.split('.')) {
      if (type === undefined || name === '') return null;
      const found = this.#member(this.#resolve(type), name, 0);
      if (found === null) return null;
      bit += found.bit;
      bits = found.bits;
      type = found.type;
    }
    if (type === undefined) return null;
    const length = bits === 0 ? this.#typeBytes(type, 0) * 8 : bits;
    // Readers make buffers of the structure's size: types that place a member outside are damaged.
    if (bit + length > this.#structBytes(struct) * 8) return null;
    return { offset: bit >>> 3, shift: bit & 7, bits: length, count: this.#arrayLength(type) };
  }

  /** Value of a name in an enumeration, such as PG_slab in pageflags; null where there is none. */
  enumValue(enumeration: string, name: string): number | null {
    const type = this.#byName.get(enumeration);
    if (type === undefined) return null;
    const record = this.#record(type);
    const kind = this.#kind(record);
    if (!isEnum(kind)) return null;
    const step = kind === KIND.enum64 ? 12 : 8;
    for (let index = 0; index < this.#members(record); index += 1) {
      const at = record + 12 + index * step;
      if (this.#isNamed(at, name)) return this.#bytes.getUint32(at + 4, true);
    }
    return null;
  }

  #structBytes(struct: string): number {
    return this.#bytes.getUint32(this.#record(this.#byName.get(struct) ?? 0) + 8, true);
  }

  #member(
    type: number,
    name: string,
    depth: number,
  ): { bit: number; bits: number; type: number } | null {
    const record = this.#record(type);
    if (depth > MAX_DEPTH || !isAggregate(this.#kind(record))) return null;
    const hasBitFields = this.#bytes.getUint32(record + 4, true) >>> 31 === 1;
    for (let index = 0; index < this.#members(record); index += 1) {
      const at = record + 12 + index * 12;
      const place = this.#bytes.getUint32(at + 8, true);
      const bit = hasBitFields ? place & 0xffffff : place;
      const memberType = this.#bytes.getUint32(at + 4, true);
      if (this.#isNamed(at, name)) {
        return { bit, bits: hasBitFields ? place >>> 24 : 0, type: memberType };
      }
      if (this.#bytes.getUint32(at, true) === 0) {
        const inner = this.#member(this.#resolve(memberType), name, depth + 1);
        if (inner !== null) return { ...inner, bit: inner.bit + bit };
      }
    }
    return null;
  }

  /** The type itself behind its typedefs and qualifiers. */
  #resolve(type: number): number {
    let resolved = type;
    for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
      const record = this.#record(resolved);
      if (!ALIASES.has(this.#kind(record))) break;
      resolved = this.#bytes.getUint32(record + 8, true);
    }
    return resolved;
  }

  #typeBytes(type: number, depth: number): number {
    const record = this.#record(this.#resolve(type));
    const kind = this.#kind(record);
    if (record === 0 || depth > MAX_DEPTH) return 0;
    if (kind === KIND.pointer) return 8;
    if (kind !== KIND.array) return this.#bytes.getUint32(record + 8, true);
    const element = this.#bytes.getUint32(record + 12, true);
    return this.#bytes.getUint32(record + 20, true) * this.#typeBytes(element, depth + 1);
  }

  #arrayLength(type: number): number {
    const record = this.#record(this.#resolve(type));
    return this.#kind(record) === KIND.array ? this.#bytes.getUint32(record + 20, true) : 1;
  }

  /** 0, the header, for void and for numbers out of range: a record of no kind. */
  #record(type: number): number {
    return this.#positions[type] ?? 0;
  }

  #kind(record: number): number {
    return record === 0 ? 0 : (this.#bytes.getUint32(record + 4, true) >>> 24) & 0x1f;
  }

  #members(record: number): number {
    return this.#bytes.getUint32(record + 4, true) & 0xffff;
  }

  #nameAt(at: number): string {
    const start = this.#strings + this.#bytes.getUint32(at, true);
    return this.#text.toString('latin1', start, this.#text.indexOf(0, start));
  }

  #isNamed(at: number, name: string): boolean {
    const start = this.#strings + this.#bytes.getUint32(at, true);
    const end = start + name.length;
    return this.#text[end] === 0 && this.#text.toString('latin1', start, end) === name;
  }
}

const isAggregate = (kind: number): boolean => kind === KIND.struct || kind === KIND.union;
const isEnum = (kind: number): boolean => kind === KIND.enum || kind === KIND.enum64;

const missing = (what: string): Ip2ProcessError =>
  new Ip2ProcessError(
    'analysis',
    `Cannot read the kernel's structures: its own type information (BTF) has ${what}`,
  );
