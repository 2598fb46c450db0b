/**
 * kallsyms: names and addresses of the kernel's symbols, packed.
 *
 * names: per symbol its length (1 byte; 2 where bit 7 is set: low 7 bits, then the next 8), then that many token numbers
 * token_table: 256 NUL-terminated texts, token_index: where each starts (u16); the first letter spelled is the type
 * offsets: i32 per symbol, read in one of `ADDRESSINGS`
 *
 * Source: Linux, kernel/kallsyms.c and scripts/kallsyms.c.
 */
import { physical, type PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';

/** Where the tables lie. They are in the kernel's image, which is one piece in physical memory. */
export interface SymbolTables {
  readonly count: number;
  readonly names: PhysicalAddress;
  readonly tokens: PhysicalAddress;
  readonly tokenIndex: PhysicalAddress;
  readonly offsets: PhysicalAddress;
  /** What offsets count from; null where each counts from its own place (since 7.0). */
  readonly relativeBase: bigint | null;
}

/** A kernel with everything built in has 300,000. */
export const MAX_SYMBOLS = 2 ** 20;
/** Mean spelling of a symbol; 14 bytes in measured kernels. */
const NAME_BYTES = 32;
export const TOKENS = 256;
/** All tokens together have about 900 bytes. */
export const TOKEN_TABLE_BYTES = 4096;

interface Place {
  /** What `offsets` holds for the symbol. */
  readonly offset: number;
  readonly base: bigint;
  /** Virtual address of that entry of `offsets`. */
  readonly entry: bigint;
}

/** How kernels have stored addresses. `known` tells which one a kernel uses. */
const ADDRESSINGS: readonly ((place: Place) => bigint)[] = [
  // Absolute where not negative: per-CPU symbols (x86 before 6.15).
  ({ offset, base }) => (offset < 0 ? base - 1n - BigInt(offset) : BigInt(offset)),
  ({ offset, base }) => base + BigInt(offset >>> 0),
  ({ offset, entry }) => entry + BigInt(offset),
];

/**
 * Addresses of the symbols in `wanted` that the kernel has; null where the tables do not say what is known already.
 *
 * @param delta - virtual minus physical address of the kernel's image
 * @param known - a symbol whose address is known otherwise: the proof that the tables were read rightly
 */
export function readSymbols(
  memory: PhysicalMemory,
  tables: SymbolTables,
  wanted: readonly string[],
  delta: bigint,
  known: readonly [name: string, address: bigint],
): ReadonlyMap<string, bigint> | null {
  const indices = findNames(memory, tables, new Set([...wanted, known[0]]));
  if (indices === null) return null;
  const places = new Map<string, Place>();
  const cell = new DataView(new ArrayBuffer(4));
  for (const [name, index] of indices) {
    const at = physical(tables.offsets + index * 4);
    if (memory.read(at, new Uint8Array(cell.buffer)) < 4) continue;
    const offset = cell.getInt32(0, true);
    places.set(name, { offset, base: tables.relativeBase ?? 0n, entry: BigInt(at) + delta });
  }
  const proof = places.get(known[0]);
  const toAddress =
    proof && ADDRESSINGS.find((addressing) => BigInt.asUintN(64, addressing(proof)) === known[1]);
  if (toAddress === undefined) return null;
  return new Map([...places].map(([name, place]) => [name, BigInt.asUintN(64, toAddress(place))]));
}

/** Position in the tables of each name. */
function findNames(
  memory: PhysicalMemory,
  tables: SymbolTables,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, number> | null {
  const tokens = readTokens(memory, tables);
  if (tokens === null || tables.count > MAX_SYMBOLS) return null;
  const names = new Uint8Array(tables.count * NAME_BYTES);
  const held = memory.read(tables.names, names);
  const lengths = Uint8Array.from(tokens, (token) => token.length);
  const lengthsWanted = new Set([...wanted].map((name) => name.length + 1));

  const found = new Map<string, number>();
  let at = 0;
  for (let index = 0; index < tables.count; index += 1) {
    let length = names[at] ?? 0;
    at += 1;
    if (length >= 0x80) {
      length = (length & 0x7f) | ((names[at] ?? 0) << 7);
      at += 1;
    }
    const end = at + length;
    if (end > held) return null;
    // Spell only what has the right length: a hundred thousand texts would cost half a second.
    let letters = 0;
    for (let part = at; part < end; part += 1) letters += lengths[names[part] ?? 0] ?? 0;
    if (lengthsWanted.has(letters)) {
      let name = '';
      for (let part = at; part < end; part += 1) name += tokens[names[part] ?? 0] ?? '';
      name = name.slice(1);
      if (wanted.has(name) && !found.has(name)) found.set(name, index);
    }
    at = end;
  }
  return found;
}

function readTokens(memory: PhysicalMemory, tables: SymbolTables): readonly string[] | null {
  const index = new Uint8Array(TOKENS * 2);
  const text = Buffer.alloc(TOKEN_TABLE_BYTES);
  if (memory.read(tables.tokenIndex, index) < index.length) return null;
  const held = memory.read(tables.tokens, text);
  const view = new DataView(index.buffer);
  const tokens: string[] = [];
  for (let token = 0; token < TOKENS; token += 1) {
    const start = view.getUint16(token * 2, true);
    const end = text.indexOf(0, start);
    if (start >= held || end < 0) return null;
    tokens.push(text.toString('latin1', start, Math.min(end, start + 255)));
  }
  return tokens;
}
