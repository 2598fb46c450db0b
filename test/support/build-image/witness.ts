/**
 * A second reader of the built images, as small as can be and with nothing from the builder: if it and the truth agree,
 * the image says what it should. Trusts its input; that is not the analyser's way.
 */
export interface TypeTable {
  /** Bytes from the start of a struct; members of anonymous ones count as its own. */
  offset(type: string, path: string): number;
  has(type: string, member: string): boolean;
  readonly enumerators: ReadonlyMap<string, number>;
  readonly sections: ReadonlySet<string>;
}

/** Physical address behind a virtual one, PROT_NONE pages too; null where nothing is mapped. */
export function walk(ram: DataView, levels: number, root: number, address: bigint): number | null {
  let table = root;
  for (let level = levels; level > 0; level -= 1) {
    const shift = BigInt(12 + 9 * (level - 1));
    const entry = ram.getBigUint64(table + Number((address >> shift) & 511n) * 8, true);
    const isPresent = (entry & 1n) === 1n;
    if (!isPresent && (level > 1 || (entry & 0x100n) === 0n)) return null;
    const target = (isPresent ? entry : ~entry) & 0xf_ffff_ffff_f000n;
    const isLeaf = level === 1 || (level < 4 && (entry & 0x80n) !== 0n);
    const below = (1n << shift) - 1n;
    if (isLeaf) return Number((target & ~below) | (address & below));
    table = Number(target);
  }
  return null;
}

/** VMCOREINFO as the kernel's own page has it, its lines as key and value. */
export function readVmcoreinfo(bytes: Uint8Array): Map<string, string> {
  const image = Buffer.from(bytes.buffer);
  for (let at = image.indexOf('OSRELEASE='); at >= 0; at = image.indexOf('OSRELEASE=', at + 1)) {
    if (at % 4096 !== 0) continue;
    const lines = image.toString('latin1', at, image.indexOf(0, at)).trim().split('\n');
    return new Map(
      lines.map((line): [string, string] => {
        const [, key = '', value = ''] = /^(.*?)=(.*)$/.exec(line) ?? [];
        return [key, value];
      }),
    );
  }
  throw new Error('Cannot find VMCOREINFO in the image');
}

/** The only blob that parses to its end. */
export function findBtf(bytes: Uint8Array): Uint8Array {
  const magic = Buffer.from('9feb010018000000', 'hex');
  const image = Buffer.from(bytes.buffer);
  for (let at = image.indexOf(magic); at >= 0; at = image.indexOf(magic, at + 1)) {
    const size = 24 + image.readUInt32LE(at + 16) + image.readUInt32LE(at + 20);
    const blob = image.subarray(at, at + size);
    try {
      readBtf(blob);
      return blob;
    } catch {
      // A broken copy.
    }
  }
  throw new Error('Cannot find a whole BTF blob in the image');
}

interface Record {
  readonly kind: number;
  readonly name: string;
  /** Type that it refers to; a size for others. */
  readonly target: number;
  readonly members: readonly { name: string; type: number; offset: number }[];
}

export function readBtf(blob: Uint8Array): TypeTable {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const word = (at: number): number => view.getUint32(at, true);
  const strings = 24 + word(16);
  const text = (offset: number): string => {
    const end = blob.indexOf(0, strings + offset);
    if (end < 0) throw new Error('a name has no end');
    return Buffer.from(blob.subarray(strings + offset, end)).toString('latin1');
  };
  // Bytes behind a record, by kind; and bytes for each of its entries.
  const extra = [0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0];
  const entryBytes = [0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12];
  const records: Record[] = [{ kind: 0, name: 'void', target: 0, members: [] }];
  const enumerators = new Map<string, number>();
  const sections = new Set<string>();
  for (let at = 24; at < strings;) {
    const [name, info, target] = [text(word(at)), word(at + 4), word(at + 8)];
    const [kind, count] = [(info >>> 24) & 31, info & 0xffff];
    if (kind === 0 || kind > 19) throw new Error(`kind ${kind} at ${at}`);
    const members = [];
    const entries = at + 12 + (extra[kind] ?? 0);
    at = entries + count * (entryBytes[kind] ?? 0);
    for (let entry = entries; entry < at; entry += entryBytes[kind] ?? at) {
      const bits = info >>> 31 ? word(entry + 8) & 0xff_ffff : word(entry + 8);
      if (kind === 6 || kind === 19) enumerators.set(text(word(entry)), word(entry + 4));
      else if (kind < 6) {
        members.push({ name: text(word(entry)), type: word(entry + 4), offset: bits >> 3 });
      }
    }
    if (kind === 15) sections.add(name);
    records.push({ kind, name, target, members });
  }

  const resolve = (id: number): Record => {
    const record = records[id];
    if (!record) throw new Error(`no type ${id}`);
    return [8, 9, 10, 11, 18].includes(record.kind) ? resolve(record.target) : record;
  };
  const find = (record: Record, name: string): { offset: number; type: number } | null => {
    for (const member of record.members) {
      if (member.name === name) return member;
      const inner = member.name === '' ? find(resolve(member.type), name) : null;
      if (inner) return { type: inner.type, offset: member.offset + inner.offset };
    }
    return null;
  };
  const named = (type: string): Record | undefined =>
    records.find(({ kind, name }) => (kind === 4 || kind === 5) && name === type);
  const has = (type: string, member: string): boolean => {
    const record = named(type);
    return record !== undefined && find(record, member) !== null;
  };
  const offset = (type: string, path: string): number => {
    let record = named(type);
    let total = 0;
    for (const name of path.split('.')) {
      const found = record ? find(record, name) : null;
      if (!found) throw new Error(`no ${type}.${path}`);
      total += found.offset;
      record = resolve(found.type);
    }
    return total;
  };
  return { offset, has, enumerators, sections };
}

/** Names and addresses, from the physical places of the tables. */
export function readKallsyms(
  bytes: Uint8Array,
  at: (table: string) => number,
): Map<string, bigint> {
  const view = new DataView(bytes.buffer);
  const token = (code: number): string => {
    const start = at('token_table') + view.getUint16(at('token_index') + code * 2, true);
    return Buffer.from(bytes.subarray(start, bytes.indexOf(0, start))).toString('latin1');
  };
  const base = view.getBigUint64(at('relative_base'), true);
  const symbols = new Map<string, bigint>();
  let next = at('names');
  for (let index = 0; index < view.getUint32(at('num_syms'), true); index += 1) {
    let length = bytes[next++] ?? 0;
    if (length >= 0x80) length = (length & 0x7f) | ((bytes[next++] ?? 0) << 7);
    const name = Array.from(bytes.subarray(next, next + length), token).join('');
    next += length;
    const offset = BigInt(view.getInt32(at('offsets') + index * 4, true));
    symbols.set(name.slice(1), offset >= 0n ? offset : base - 1n - offset);
  }
  return symbols;
}
