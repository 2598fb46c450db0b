import { fileURLToPath } from 'node:url';

/**
 * The matcher's loops over every byte as machine code: look.c, compiled. Each takes the whole memory of the matcher,
 * looks at its bytes [at, end), writes addresses of 4 bytes to `output` and returns how many.
 */
export interface NativeLook {
  /** Like `findWindows` of ../assembly; `tables` are `sets` of ../window-filter.ts with 16 bytes behind them. */
  findWindows: Look;
  /** Like `findPairs` of ../assembly; the table of pairs is at 0. Without `tables`. */
  findPairs: Look;
  /** Like `listHeads` of ../assembly, for whole pages. Without `tables`. */
  listHeads: Look;
}

/**
 * @param at a multiple of 64 before `end`
 * @param output room for two bytes for each byte looked at, and 64 more
 * @throws RangeError where something lies outside of the memory
 */
type Look = (
  memory: ArrayBuffer,
  at: number,
  end: number,
  output: number,
  tables: number,
  sets: number,
) => number;

/** Sets of tables that `findWindows` can look at. */
export const NATIVE_SETS = 3;

/**
 * Null where there is none: other systems and processors than Linux on x86-64 with AVX2, a system that loads no foreign
 * code, or IP2PROCESS_NATIVE=off.
 */
export function nativeLook(): NativeLook | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  if (process.env['IP2PROCESS_NATIVE'] === 'off') return null;
  const module: { exports: Partial<NativeLook> } = { exports: {} };
  try {
    process.dlopen(module, fileURLToPath(new URL(file, import.meta.url)));
  } catch {
    return null;
  }
  const { findWindows, findPairs, listHeads } = module.exports;
  return findWindows && findPairs && listHeads ? { findWindows, findPairs, listHeads } : null;
}

declare const IP2PROCESS_NATIVE: string | undefined;

/** Where the machine code lies: the build says where beside its bundles that is. */
const file = typeof IP2PROCESS_NATIVE === 'string' ? IP2PROCESS_NATIVE : './look-linux-x64.node';
