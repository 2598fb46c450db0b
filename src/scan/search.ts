import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern } from '../indicator/pattern.ts';
import { hex, PAGE_BYTES } from '../memory/address.ts';
import type { MemoryRun } from '../memory/physical-memory.ts';
import { indexEdges } from './edge-index.ts';
import { indexLiterals } from './literal-index.ts';
import type { ScanOptions } from './scan.ts';
import type { Literal } from './literal.ts';
import { tableOf } from './literal-table.ts';
import { indexForSieve } from './sieve-index.ts';
import { machineCode } from '../machine-code/machine-code.ts';
import { literalsOf, type ScanTask, soughtBy } from './scan-task.ts';

/** What is sought, made ready: the part of a task that does not depend on the image. */
export type Search = Omit<
  ScanTask,
  'endBlock' | 'frameLimit' | 'tails' | 'heads' | 'larger' | 'state'
>;

/** @param indexesOf made of what is sought; none by default, where few pages are looked at */
export function searchOf(
  patterns: readonly BytePattern[],
  indicators: readonly Indicator[],
  { anchors = [], probes = [], maxHits = HITS_LIMIT, blockBytes = BLOCK_BYTES }: ScanOptions,
  indexesOf = noIndexes,
): Search {
  const literals = literalsOf(patterns);
  const table = tableOf(literals);
  return {
    patterns,
    literals,
    ...indexesOf(soughtBy({ literals, anchors })),
    edges: {
      tail: indexEdges(literals, 'tail', table),
      head: indexEdges(literals, 'head', table),
    },
    indicators,
    anchors,
    probes,
    hitsPerIndicator: hitsPerIndicator(maxHits, indicators.length),
    blockBytes,
  };
}

type Indexes = Pick<ScanTask, 'index' | 'sieve'>;

const noIndexes = (_sought: readonly Literal[]): Indexes => ({ index: null, sieve: null });

/** For a look at few pages: none is chosen with care. */
export const indexesForFew = (sought: readonly Literal[]): Indexes =>
  machineCode()?.sievePages
    ? { index: null, sieve: indexForSieve(sought, tableOf(sought), null, 0) }
    : noIndexes(sought);

/**
 * For a look at every byte.
 *
 * @param sample pages of it, where there are any
 */
export const indexesFor =
  (sample: Uint8Array | null) =>
  (sought: readonly Literal[]): Indexes =>
    machineCode()?.sievePages
      ? { index: null, sieve: indexForSieve(sought, tableOf(sought), sample) }
      : { index: indexLiterals(sought, 1, sample), sieve: null };

/** A block costs some microseconds besides its bytes; from 2 MiB on that is lost in the noise. */
export const BLOCK_BYTES = 2 ** 21;
const HITS_LIMIT = 1_000_000;
const HITS_PER_INDICATOR_LIMIT = 100_000;
/** 4 TiB of RAM, 128 MiB for each set: an image can claim 2^52 bytes. */
const FRAME_LIMIT = 2 ** 30;

/** Shares, so that the noise of one indicator does not hide another, and no thread needs to know of the others. */
const hitsPerIndicator = (maxHits: number, indicators: number): number =>
  Math.max(1, Math.min(HITS_PER_INDICATOR_LIMIT, Math.floor(maxHits / Math.max(indicators, 1))));

/** Frames that the sets of edges must have room for. */
export function frameLimitOf(runs: readonly MemoryRun[]): { limit: number; warnings: string[] } {
  const end = runs.reduce((highest, { start, length }) => Math.max(highest, start + length), 0);
  const limit = Math.ceil(end / PAGE_BYTES);
  if (limit <= FRAME_LIMIT) return { limit, warnings: [] };
  const warning =
    `The image claims memory up to ${hex(end)}: above ${hex(FRAME_LIMIT * PAGE_BYTES)} ` +
    'a text that runs from one page into another can be missed';
  return { limit: FRAME_LIMIT, warnings: [warning] };
}
