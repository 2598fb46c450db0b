/**
 * BTF, the kernel's own description of its types, as the kernel keeps it in memory.
 *
 * header: magic 0xeb9f u16 | version u8 | flags u8 | header bytes u32 | types offset, bytes u32 | strings offset, bytes u32
 * record: name offset u32 | info u32 (count 0-15, kind 24-28, kind flag 31) | size or type u32 | by kind
 *
 * Source: Linux, Documentation/bpf/btf.rst.
 */
import type { Aggregate, CType } from './c-types.ts';
import { BASE_TYPES, type KernelTypes } from './struct-layout.ts';

const KIND = {
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  variable: 14,
  section: 15,
  function: 12,
  prototype: 13,
  float: 16,
  declarationTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** A per-CPU variable: [name, type, offset in its section, bytes]. */
export type PerCpuVariable = readonly [string, CType, number, number];

/**
 * @param atLeast bytes; the strings are filled up to it. A real kernel's blob has 1 MiB and more, and a reader may
 *   rightly refuse a smaller one.
 */
export function writeBtf(
  types: KernelTypes,
  perCpu: readonly PerCpuVariable[],
  atLeast: number,
): Uint8Array {
  const writer = new BtfWriter(types);
  writer.ornaments();
  for (const declared of types.declarations) writer.named(declared.name);
  writer.section('.data..percpu', perCpu);
  return writer.toBytes(atLeast);
}

class BtfWriter {
  readonly #types: KernelTypes;
  readonly #words: number[] = [];
  readonly #ids = new Map<string, number>();
  readonly #strings: string[] = [''];
  readonly #stringOffsets = new Map<string, number>([['', 0]]);
  #stringBytes = 1;
  #count = 0;
  /** Records that were promised an id and wait to be written in its order. */
  readonly #records: (() => readonly number[])[] = [];

  constructor(types: KernelTypes) {
    this.#types = types;
  }

  /** Id of a declared type. */
  named(name: string): number {
    const declared = this.#types.declarations.find((one) => one.name === name);
    if (!declared) throw new Error(`Cannot describe "${name}" in BTF: it is not declared`);
    if (declared.kind === 'typedef') {
      return this.#once(`typedef ${name}`, () => [
        ...this.#head(name, KIND.typedef),
        this.#id(declared.type),
      ]);
    }
    if (declared.kind === 'aggregate') {
      const { body } = declared;
      return this.#once(`${body.tag} ${name}`, () => this.#aggregate(name, body));
    }
    return this.#once(`enum ${name}`, () => [
      ...this.#head(name, KIND.enum, declared.values.length),
      4,
      ...declared.values.flatMap(([key, value]) => [this.#string(key), value >>> 0]),
    ]);
  }

  /** Kinds that no structure here needs, and that a reader must step over. */
  ornaments(): void {
    const task = this.named('task_struct');
    const prototype = this.#add(() => [...this.#head('', KIND.prototype, 1), task, 0, task]);
    this.#add(() => [...this.#head('schedule', KIND.function, 1), prototype]);
    this.#add(() => [...this.#head('double', KIND.float), 8]);
    this.#add(() => [...this.#head('bpf_kfunc', KIND.declarationTag), prototype, 0xffff_ffff]);
    this.#add(() => [...this.#head('rcu', KIND.typeTag), task]);
    const value = [this.#string('LARGE_VALUE'), 5, 1] as const;
    this.#add(() => [...this.#head('wide', KIND.enum64, 1), 8, ...value]);
  }

  section(name: string, variables: readonly PerCpuVariable[]): void {
    const ids = variables.map(([own, type]) =>
      this.#once(`variable ${own}`, () => [...this.#head(own, KIND.variable), this.#id(type), 1]),
    );
    const size = Math.max(0, ...variables.map(([, , offset, bytes]) => offset + bytes));
    this.#once(`section ${name}`, () => [
      ...this.#head(name, KIND.section, variables.length),
      size,
      ...variables.flatMap(([, , offset, bytes], index) => [ids[index] ?? 0, offset, bytes]),
    ]);
  }

  toBytes(atLeast: number): Uint8Array {
    // Writing a record may promise further ones: the list grows while it is walked.
    for (let next = 0; next < this.#records.length; next += 1) {
      for (const word of this.#records[next]?.() ?? []) this.#words.push(word);
    }
    const typeBytes = this.#words.length * 4;
    const stringBytes = Math.max(this.#stringBytes, atLeast - 24 - typeBytes);
    const header = [0x0001eb9f, 24, 0, typeBytes, typeBytes, stringBytes];
    const bytes = new Uint8Array(24 + typeBytes + stringBytes);
    const view = new DataView(bytes.buffer);
    [...header, ...this.#words].forEach((word, index) => view.setUint32(index * 4, word, true));
    new TextEncoder().encodeInto(`${this.#strings.join('\0')}\0`, bytes.subarray(24 + typeBytes));
    const filler = bytes.subarray(24 + typeBytes + this.#stringBytes);
    const name = new TextEncoder().encode('\0nobody_asks_for_this');
    for (let at = 0; at < filler.length; at += name.length) {
      filler.set(name.subarray(0, filler.length - at), at);
    }
    bytes[bytes.length - 1] = 0;
    return bytes;
  }

  #id(type: CType): number {
    if (type.kind === 'pointer') return this.#wrap(KIND.pointer, type.to);
    if (type.kind === 'qualified') return this.#wrap(KIND[type.by], type.type);
    if (type.kind === 'array') return this.#array(type.of, type.count);
    if (type.kind === 'inline') return this.#add(() => this.#aggregate('', type.body));
    return this.#reference(type);
  }

  #reference(type: CType & { kind: 'tagged' | 'named' }): number {
    const { name } = type;
    if (this.#types.declarations.some((declared) => declared.name === name))
      return this.named(name);
    if (type.kind === 'tagged') {
      const isUnion = type.tag === 'union';
      return this.#once(`forward ${name}`, () => [
        ...this.#head(name, KIND.forward, 0, isUnion),
        0,
      ]);
    }
    if (name === 'void') return 0;
    const base = BASE_TYPES[name];
    if (!base) throw new Error(`Cannot describe "${name}" in BTF: it is not declared`);
    const [btfName, size] = base;
    return this.#once(`int ${name}`, () => [...this.#head(btfName, KIND.int), size, size * 8]);
  }

  #wrap(kind: number, inner: CType): number {
    const id = this.#id(inner);
    return this.#once(`${kind} of ${id}`, () => [...this.#head('', kind), id]);
  }

  #array(of: CType, count: number): number {
    const [id, index] = [this.#id(of), this.#id({ kind: 'named', name: 'u32' })];
    return this.#once(`${id}[${count}]`, () => [
      ...this.#head('', KIND.array),
      0,
      id,
      index,
      count,
    ]);
  }

  #aggregate(name: string, body: Aggregate): number[] {
    const { tag, size, members, hasBitFields } = this.#types.layoutOf(body);
    return [
      ...this.#head(name, KIND[tag], members.length, hasBitFields),
      size,
      ...members.flatMap((member) => [
        this.#string(member.name),
        this.#id(member.type),
        ((member.bits ?? 0) << 24) | member.bitOffset,
      ]),
    ];
  }

  #head(name: string, kind: number, count = 0, flag = false): [number, number] {
    return [this.#string(name), ((flag ? 0x8000_0000 : 0) | (kind << 24) | count) >>> 0];
  }

  #once(key: string, record: () => readonly number[]): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#add(record);
    this.#ids.set(key, id);
    return id;
  }

  #add(record: () => readonly number[]): number {
    this.#records.push(record);
    this.#count += 1;
    return this.#count;
  }

  #string(text: string): number {
    const known = this.#stringOffsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#stringBytes;
    this.#stringOffsets.set(text, offset);
    this.#strings.push(text);
    this.#stringBytes += text.length + 1;
    return offset;
  }
}
