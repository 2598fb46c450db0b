/**
 * kallsyms: the kernel's symbols as it keeps them, names as tokens.
 *
 * before 6.4: offsets i32[n] | relative_base u64 | num_syms u32 | names | markers u32[] | token_table | token_index u16[256]
 * since 6.4:  num_syms | names | markers | token_table | token_index | offsets | relative_base
 * Each aligned to 8 bytes. A name: count of tokens (1 byte; 2 for more than 127), tokens; the first character is its type.
 * An offset that is not negative is an absolute (per-CPU) address; a negative one means relative_base - 1 - offset.
 *
 * Source: scripts/kallsyms.c, kernel/kallsyms.c.
 */
import { cString, integer } from './kernel-objects.ts';
import type { KernelTraits } from './kernel-style.ts';

/** [type letter, name, address]; addresses below 2 ** 31 are per-CPU. */
export type KernelSymbol = readonly [type: string, name: string, address: bigint];

export interface WrittenKallsyms {
  readonly bytes: Uint8Array;
  /** Where each table starts in them, by the kernel's name for it. */
  readonly tables: Readonly<Record<string, number>>;
}

/** Pairs that stand for the codes no character needs: what compresses real names most. */
const PAIRS =
  '__ _t er in re st te ar ro le de ti at co ne se _s _p al me on or io it ch ta sk ad ge en th li ic un _c _m _g _f pr ra';

export function writeKallsyms(
  traits: KernelTraits,
  symbols: readonly KernelSymbol[],
  relativeBase: bigint,
): WrittenKallsyms {
  const sorted = symbols.toSorted(([, , a], [, , b]) => (a < b ? -1 : a > b ? 1 : 0));
  const tokens = chooseTokens();
  const codes = new Map(tokens.map((token, code) => [token, code]));
  const names = sorted.map(([type, name]) => encode(type + name, codes, traits));
  const offsets = sorted.map(([, , at]) => (at < 2n ** 31n ? at : relativeBase - 1n - at));
  const addresses = {
    offsets: concatenate(offsets.map((offset) => integer(offset, 4))),
    relative_base: integer(relativeBase, 8),
  };
  const tables = {
    num_syms: integer(symbols.length, 4),
    names: concatenate(names),
    markers: concatenate(markersOf(names).map((at) => integer(at, 4))),
  };
  const { table, index } = tokenTables(tokens);
  const tail = { token_table: table, token_index: index };
  return traits.kallsymsAddressesLast
    ? join({ ...tables, ...tail, ...addresses })
    : join({ ...addresses, ...tables, ...tail });
}

/** 256 of them: each printable character for itself, pairs for the other codes, then nothing. */
function chooseTokens(): readonly string[] {
  const pairs = PAIRS.split(' ');
  return Array.from({ length: 256 }, (_, code) =>
    code > 32 && code < 127 ? String.fromCodePoint(code) : (pairs.shift() ?? ''),
  );
}

function encode(
  text: string,
  codeOf: ReadonlyMap<string, number>,
  traits: KernelTraits,
): Uint8Array {
  const codes: number[] = [];
  for (let at = 0; at < text.length;) {
    const pair = at + 2 <= text.length ? codeOf.get(text.slice(at, at + 2)) : undefined;
    codes.push(pair ?? text.codePointAt(at) ?? 0);
    at += pair === undefined ? 1 : 2;
  }
  if (codes.length < 128) return Uint8Array.of(codes.length, ...codes);
  if (!traits.kallsymsLongNames) throw new Error(`Cannot keep the name "${text}": it is too long`);
  return Uint8Array.of((codes.length & 0x7f) | 0x80, codes.length >> 7, ...codes);
}

/** Offset of every 256th name. */
function markersOf(names: readonly Uint8Array[]): number[] {
  const markers: number[] = [];
  let offset = 0;
  names.forEach((name, index) => {
    if (index % 256 === 0) markers.push(offset);
    offset += name.length;
  });
  return markers;
}

function tokenTables(tokens: readonly string[]): { table: Uint8Array; index: Uint8Array } {
  const starts: number[] = [];
  let offset = 0;
  for (const token of tokens) {
    starts.push(offset);
    offset += token.length + 1;
  }
  return {
    table: concatenate(tokens.map((token) => cString(token))),
    index: concatenate(starts.map((start) => integer(start, 2))),
  };
}

function join(parts: Readonly<Record<string, Uint8Array>>): WrittenKallsyms {
  const tables: Record<string, number> = {};
  const padded: Uint8Array[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(parts)) {
    tables[name] = offset;
    const whole = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
    whole.set(bytes);
    padded.push(whole);
    offset += whole.length;
  }
  return { bytes: concatenate(padded), tables };
}

const concatenate = (parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts));
