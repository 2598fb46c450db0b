/**
 * A reader for C-like declarations, so that the kernel's types stand in the builder as an analyst knows them:
 *
 *     struct NAME { TYPE member; TYPE *member[N]; u32 flag:1; union { ... }; union { ... } named; ~64 };
 *     typedef TYPE NAME;   typedef struct { ... } NAME;   enum NAME { A, B = 7 };
 *
 * `~64` is the builder's own: a gap of 0 to 64 bytes that the seed chooses, as other members would make it.
 */
export type CType =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'tagged'; readonly tag: Tag; readonly name: string }
  | { readonly kind: 'inline'; readonly body: Aggregate }
  | { readonly kind: 'pointer'; readonly to: CType }
  | { readonly kind: 'array'; readonly of: CType; readonly count: number }
  | { readonly kind: 'qualified'; readonly by: 'const' | 'volatile'; readonly type: CType };

export type Tag = 'struct' | 'union' | 'enum';

/** An unnamed member's own members count as members of what it stands in. */
export type Item =
  | {
      readonly kind: 'member';
      readonly name: string;
      readonly type: CType;
      /** Width in bits; null: not a bit field. */
      readonly bits: number | null;
    }
  | { readonly kind: 'gap'; readonly upTo: number };

export interface Aggregate {
  readonly tag: 'struct' | 'union';
  readonly items: readonly Item[];
}

export type Declaration =
  | { readonly kind: 'aggregate'; readonly name: string; readonly body: Aggregate }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly [string, number][] }
  | { readonly kind: 'typedef'; readonly name: string; readonly type: CType };

export function parseDeclarations(source: string): Declaration[] {
  const reader = new Reader(source);
  const declarations: Declaration[] = [];
  while (!reader.isDone) {
    declarations.push(declaration(reader));
    reader.expect(';');
  }
  return declarations;
}

function declaration(reader: Reader): Declaration {
  const word = reader.next();
  if (word === 'typedef') {
    const type = typeOf(reader);
    return { kind: 'typedef', name: reader.next(), type };
  }
  const name = reader.next();
  if (word === 'enum') return { kind: 'enum', name, values: enumValues(reader) };
  if (word !== 'struct' && word !== 'union') throw new Error(`Cannot declare "${word} ${name}"`);
  return { kind: 'aggregate', name, body: aggregate(reader, word) };
}

function enumValues(reader: Reader): [string, number][] {
  const values: [string, number][] = [];
  let next = 0;
  reader.expect('{');
  while (!reader.accept('}')) {
    const name = reader.next();
    if (reader.accept('=')) next = Number(reader.next());
    values.push([name, next]);
    next += 1;
    reader.accept(',');
  }
  return values;
}

function aggregate(reader: Reader, tag: 'struct' | 'union'): Aggregate {
  const items: Item[] = [];
  reader.expect('{');
  while (!reader.accept('}')) {
    if (reader.accept('~')) items.push({ kind: 'gap', upTo: Number(reader.next()) });
    else items.push(...members(reader));
  }
  return { tag, items };
}

/** One line: a type and its members, separated by commas; none for an anonymous aggregate. */
function members(reader: Reader): Item[] {
  const base = typeOf(reader);
  if (reader.accept(';')) return [{ kind: 'member', name: '', type: base, bits: null }];
  const line: Item[] = [];
  do {
    let type = base;
    while (reader.accept('*')) type = { kind: 'pointer', to: type };
    const name = reader.next();
    while (reader.accept('[')) {
      type = { kind: 'array', of: type, count: Number(reader.next()) };
      reader.expect(']');
    }
    const bits = reader.accept(':') ? Number(reader.next()) : null;
    line.push({ kind: 'member', name, type, bits });
  } while (reader.accept(','));
  reader.expect(';');
  return line;
}

function typeOf(reader: Reader): CType {
  const word = reader.next();
  if (word === 'const' || word === 'volatile') {
    return { kind: 'qualified', by: word, type: typeOf(reader) };
  }
  if (word !== 'struct' && word !== 'union' && word !== 'enum')
    return { kind: 'named', name: word };
  if (word !== 'enum' && reader.peek() === '{') {
    return { kind: 'inline', body: aggregate(reader, word) };
  }
  return { kind: 'tagged', tag: word, name: reader.next() };
}

class Reader {
  readonly #words: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#words = source.replaceAll(/\/\/.*$/gm, '').match(/[A-Za-z0-9_]+|[^\sA-Za-z0-9_]/g) ?? [];
  }

  get isDone(): boolean {
    return this.#at >= this.#words.length;
  }

  peek(): string | undefined {
    return this.#words[this.#at];
  }

  next(): string {
    const word = this.#words[this.#at];
    if (word === undefined) throw new Error('Cannot read a declaration: the text ends inside it');
    this.#at += 1;
    return word;
  }

  accept(word: string): boolean {
    if (this.peek() !== word) return false;
    this.#at += 1;
    return true;
  }

  expect(word: string): void {
    const found = this.next();
    if (found === word) return;
    const before = this.#words.slice(Math.max(0, this.#at - 8), this.#at).join(' ');
    throw new Error(
      `Cannot read a declaration: "${found}" stands where "${word}" should: ${before}`,
    );
  }
}
