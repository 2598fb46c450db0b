import type { Aggregate, CType, Declaration, Item } from './c-types.ts';
import type { Random } from './random.ts';

/** Whole bytes and their name in a kernel's BTF. */
export const BASE_TYPES: Readonly<Record<string, readonly [btfName: string, bytes: number]>> = {
  void: ['void', 0],
  char: ['char', 1],
  bool: ['_Bool', 1],
  u8: ['unsigned char', 1],
  u16: ['short unsigned int', 2],
  short: ['short int', 2],
  u32: ['unsigned int', 4],
  int: ['int', 4],
  u64: ['long long unsigned int', 8],
  s64: ['long long int', 8],
  ulong: ['long unsigned int', 8],
  long: ['long int', 8],
};

export interface MemberPlace {
  /** Empty: anonymous. */
  readonly name: string;
  readonly type: CType;
  /** From the start of the aggregate. */
  readonly bitOffset: number;
  readonly bits: number | null;
}

export interface Layout {
  readonly tag: 'struct' | 'union';
  /** Bytes. */
  readonly size: number;
  readonly align: number;
  readonly members: readonly MemberPlace[];
  /** A bit field is among the members: BTF then writes their offsets differently. */
  readonly hasBitFields: boolean;
}

export interface Field {
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly type: CType;
}

/** Where each member of each type lies: C's rules of alignment, and gaps that the seed chose. */
export class KernelTypes {
  readonly declarations: readonly Declaration[];
  readonly #byName = new Map<string, Declaration>();
  readonly #layouts = new Map<Aggregate, Layout>();
  readonly #random: Random;

  constructor(declarations: readonly Declaration[], random: Random) {
    this.declarations = declarations;
    this.#random = random;
    for (const declared of declarations) this.#byName.set(declared.name, declared);
    // In order of declaration, so that the seed's choices do not depend on who asks first.
    for (const declared of declarations) {
      if (declared.kind === 'aggregate') this.layoutOf(declared.body);
    }
  }

  sizeOf(name: string): number {
    return this.#aggregate(name).size;
  }

  /** `path` like "f_path.dentry"; members of anonymous aggregates are reached by their own name, of an array by its first. */
  field(typeName: string, path: string): Field {
    let layout = this.#aggregate(typeName);
    let found: Field | null = null;
    let offset = 0;
    for (const name of path.split('.')) {
      const step = this.#find(layout, name);
      if (step === null) throw new Error(`Cannot find ${typeName}.${path}: no member "${name}"`);
      offset += step.offset;
      found = { ...step, offset };
      layout = this.#layoutOfType(step.type) ?? layout;
    }
    if (found === null) throw new Error(`Cannot find a member of ${typeName}: the path is empty`);
    return found;
  }

  has(typeName: string, path: string): boolean {
    return this.#find(this.#aggregate(typeName), path) !== null;
  }

  enumValue(name: string): number {
    for (const declared of this.declarations) {
      if (declared.kind !== 'enum') continue;
      for (const [key, value] of declared.values) if (key === name) return value;
    }
    throw new Error(`Cannot find the enumerator "${name}"`);
  }

  layoutOf(body: Aggregate): Layout {
    const known = this.#layouts.get(body);
    if (known) return known;
    const layout = this.#lay(body);
    this.#layouts.set(body, layout);
    return layout;
  }

  #aggregate(name: string): Layout {
    const declared = this.#byName.get(name);
    const layout =
      declared?.kind === 'typedef'
        ? this.#layoutOfType(declared.type)
        : declared?.kind === 'aggregate' && this.layoutOf(declared.body);
    if (!layout) throw new Error(`Cannot find the type "${name}"`);
    return layout;
  }

  #layoutOfType(type: CType): Layout | null {
    if (type.kind === 'inline') return this.layoutOf(type.body);
    if (type.kind === 'array') return this.#layoutOfType(type.of);
    if (type.kind === 'qualified') return this.#layoutOfType(type.type);
    if (type.kind !== 'named' && type.kind !== 'tagged') return null;
    const declared = this.#byName.get(type.name);
    if (declared?.kind === 'aggregate') return this.layoutOf(declared.body);
    return declared?.kind === 'typedef' ? this.#layoutOfType(declared.type) : null;
  }

  #find(layout: Layout, name: string): Field | null {
    for (const { name: own, type, bitOffset } of layout.members) {
      const offset = Math.floor(bitOffset / 8);
      if (own === name) return { offset, size: this.#measure(type)[0], type };
      if (own !== '') continue;
      const inner = this.#layoutOfType(type);
      const found = inner && this.#find(inner, name);
      if (found) return { ...found, offset: offset + found.offset };
    }
    return null;
  }

  #lay({ tag, items }: Aggregate): Layout {
    const members: MemberPlace[] = [];
    let [end, align, bitsUsed] = [0, 1, 0];
    const place = (item: Item & { kind: 'member' }): void => {
      const [size, alignment] = this.#measure(item.type);
      align = Math.max(align, alignment);
      const inUnit = item.bits !== null && bitsUsed > 0 && bitsUsed + item.bits <= size * 8;
      const start = tag === 'union' ? 0 : inUnit ? end - size : roundUp(end, alignment);
      const bitOffset = start * 8 + (inUnit ? bitsUsed : 0);
      members.push({ name: item.name, type: item.type, bitOffset, bits: item.bits });
      end = Math.max(end, start + size);
      bitsUsed = item.bits === null ? 0 : (inUnit ? bitsUsed : 0) + item.bits;
    };
    for (const item of items) {
      if (item.kind === 'member') place(item);
      else [end, bitsUsed] = [roundUp(end, 8) + 8 * this.#random.below(item.upTo / 8 + 1), 0];
    }
    const hasBitFields = members.some(({ bits }) => bits !== null);
    return { tag, size: roundUp(end, align), align, members, hasBitFields };
  }

  /** [bytes, alignment] */
  #measure(type: CType): [number, number] {
    if (type.kind === 'pointer') return [8, 8];
    if (type.kind === 'qualified') return this.#measure(type.type);
    if (type.kind === 'array') {
      const [size, align] = this.#measure(type.of);
      return [size * type.count, align];
    }
    const layout = this.#layoutOfType(type);
    if (layout) return [layout.size, layout.align];
    if (type.kind === 'tagged' && type.tag === 'enum') return [4, 4];
    if (type.kind !== 'named')
      throw new Error(`Cannot measure a type by itself: ${describe(type)}`);
    const declared = this.#byName.get(type.name);
    if (declared?.kind === 'typedef') return this.#measure(declared.type);
    const base = BASE_TYPES[type.name];
    if (!base) throw new Error(`Cannot measure the type "${type.name}": it is not declared`);
    return [base[1], Math.max(1, base[1])];
  }
}

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
const describe = (type: CType): string => (type.kind === 'tagged' ? type.name : type.kind);
