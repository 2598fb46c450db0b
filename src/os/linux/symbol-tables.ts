/**
 * Where the tables of kallsyms are: as VMCOREINFO says (6.0 and later), else by their structure. They follow each other
 * in the kernel's read-only data, each aligned to 8 bytes:
 *
 *   before 6.4:    offsets | relative_base | num_syms | names | markers | (seqs_of_names) | token_table | token_index
 *   6.4 and later: num_syms | names | markers | token_table | token_index | offsets | relative_base | seqs_of_names
 *
 * Source: Linux, scripts/kallsyms.c, write_src().
 */
import { physical, type PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import { MAX_SYMBOLS, TOKENS, TOKEN_TABLE_BYTES, type SymbolTables } from './kallsyms.ts';
import { KERNEL_IMAGE } from './init-task.ts';
import type { Vmcoreinfo } from './vmcoreinfo.ts';

/** Symbols between two entries of `markers`. */
const MARKER_STEP = 256;
/** The mean of a block's names is at most this; 14 in measured kernels. */
const NAME_BYTES = 64;
/** Fewer markers in a row are chance. No kernel has fewer than 1,000 symbols. */
const MIN_BLOCKS = 4;
/** Of an entry in seqs_of_names, which the kernels 6.1 to 6.3 have between the markers and the tokens. */
const SEQUENCE_BYTES = 3;
/** Numbers before the token of a digit: tokens stand in the order of their characters. */
const ZERO = 0x30;
const INDEX_BYTES = TOKENS * 2;

export function toldSymbolTables(
  memory: PhysicalMemory,
  vmcoreinfo: Vmcoreinfo,
  delta: bigint,
): SymbolTables | null {
  const place = (name: string): PhysicalAddress | null => {
    const address = vmcoreinfo.symbol(`kallsyms_${name}`);
    return address === null || address < KERNEL_IMAGE ? null : physical(Number(address - delta));
  };
  const names = place('names');
  const tokens = place('token_table');
  const tokenIndex = place('token_index');
  const offsets = place('offsets');
  const countAt = place('num_syms');
  if (!names || !tokens || !tokenIndex || !offsets || !countAt) return null;
  const count = Number(word(memory, countAt) & 0xffff_ffffn);
  const baseAt = place('relative_base');
  const relativeBase = baseAt === null ? null : word(memory, baseAt);
  return count > MAX_SYMBOLS ? null : { count, names, tokens, tokenIndex, offsets, relativeBase };
}

/** Both layouts that could be meant at each place where the ten digits stand as tokens. */
export function* likelySymbolTables(
  memory: PhysicalMemory,
  digits: readonly PhysicalAddress[],
): Generator<SymbolTables> {
  for (const hit of digits) {
    const index = findTokenIndex(memory, hit);
    if (index === null) continue;
    const names = findNames(memory, index.tokens);
    if (names === null) continue;
    const { tokens, tokenIndex } = index;
    const shared = { count: names.count, names: names.at, tokens, tokenIndex };
    const length = align(names.count * 4);
    const before = names.at - 16;
    yield {
      ...shared,
      offsets: physical(before - length),
      relativeBase: word(memory, physical(before)),
    };
    const behind = tokenIndex + INDEX_BYTES;
    yield {
      ...shared,
      offsets: physical(behind),
      relativeBase: word(memory, physical(behind + length)),
    };
  }
}

/** The index of 256 ascending starts, a little behind the digits, that knows where they are. */
function findTokenIndex(
  memory: PhysicalMemory,
  digits: PhysicalAddress,
): { tokens: PhysicalAddress; tokenIndex: PhysicalAddress } | null {
  const bytes = new Uint8Array(TOKEN_TABLE_BYTES);
  const held = memory.read(digits, bytes);
  const view = new DataView(bytes.buffer);
  // The index would fit a place that is off by a token, too.
  if (view.getUint16(0, true) !== ZERO) return null;
  for (let at = align(digits) - digits; at + INDEX_BYTES <= held; at += 4) {
    const start = view.getUint16(at + ZERO * 2, true);
    if (view.getUint16(at, true) !== 0 || start < ZERO || start > TOKEN_TABLE_BYTES) continue;
    let isAscending = true;
    for (let token = 1; token < TOKENS && isAscending; token += 1) {
      isAscending = view.getUint16(at + token * 2, true) > view.getUint16(at + token * 2 - 2, true);
    }
    if (isAscending) {
      return { tokens: physical(digits - start), tokenIndex: physical(digits + at) };
    }
  }
  return null;
}

/**
 * Markers ascend from 0 in steps of some kilobytes, which nothing else before the tokens does for long. They tell how
 * many names there are, and how long those are together.
 */
function findNames(
  memory: PhysicalMemory,
  tokens: PhysicalAddress,
): { at: PhysicalAddress; count: number } | null {
  const length = MAX_SYMBOLS * SEQUENCE_BYTES + (MAX_SYMBOLS / MARKER_STEP) * 4 + 16;
  const from = Math.max(0, tokens - length);
  const bytes = new Uint8Array(tokens - from);
  if (memory.read(physical(from), bytes) < bytes.length) return null;
  const view = new DataView(bytes.buffer);
  let blocks = 1;
  let last = 0;
  for (let at = bytes.length - 8 - (bytes.length % 4); at >= 0; at -= 4) {
    const step = view.getUint32(at + 4, true) - view.getUint32(at, true);
    const isAscending = step >= MARKER_STEP * 2 && step <= MARKER_STEP * NAME_BYTES;
    if (isAscending && blocks === 1) last = view.getUint32(at + 4, true);
    blocks = isAscending ? blocks + 1 : 1;
    if (blocks >= MIN_BLOCKS && view.getUint32(at, true) === 0) {
      return countedNames(memory, from + at, last, blocks);
    }
  }
  return null;
}

/** Names begin `last` and the names of one more block before the markers; their number stands before them. */
function countedNames(
  memory: PhysicalMemory,
  markers: number,
  last: number,
  blocks: number,
): { at: PhysicalAddress; count: number } | null {
  const earliest = Math.max(8, align(markers - last - MARKER_STEP * NAME_BYTES));
  for (let start = earliest; start < markers - last; start += 8) {
    const count = Number(word(memory, physical(start - 8)));
    if (Math.ceil(count / MARKER_STEP) === blocks) return { at: physical(start), count };
  }
  return null;
}

const align = (at: number): number => Math.ceil(at / 8) * 8;

function word(memory: PhysicalMemory, at: PhysicalAddress): bigint {
  const bytes = new Uint8Array(8);
  if (at < 0 || memory.read(at, bytes) < 8) return 0n;
  return new DataView(bytes.buffer).getBigUint64(0, true);
}
