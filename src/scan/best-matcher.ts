import type { LiteralIndex } from './literal-index.ts';
import type { Matcher } from './matcher.ts';
import { portableMatcher } from './portable-matcher.ts';
import { isWasmSupported, wasmMatcher } from './wasm-matcher.ts';

/** The fastest matcher that this machine can run. `capacity`: length of its `bytes`. */
export const bestMatcher = (index: LiteralIndex, capacity: number): Matcher =>
  isWasmSupported() ? wasmMatcher(index, capacity) : portableMatcher(index, capacity);
