import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern } from '../indicator/pattern.ts';
import { hex, PAGE_BYTES } from '../memory/address.ts';
import type { MemoryRun } from '../memory/physical-memory.ts';
import { indexEdges } from './edge-index.ts';
import { indexLiterals } from './literal-index.ts';
import type { ScanOptions } from './scan.ts';
import { tableOf } from './literal-table.ts';
import type { MemorySample } from './memory-sample.ts';
import { NATIVE_SETS, machineCode } from '../machine-code/machine-code.ts';
import { literalsOf, type ScanTask } from './scan-task.ts';

/** What is sought, made ready: the part of a task that does not depend on the image. */
export type Search = Omit<
  ScanTask,
  'endBlock' | 'frameLimit' | 'tails' | 'heads' | 'larger' | 'state'
>;

export function searchOf(
  patterns: readonly BytePattern[],
  indicators: readonly Indicator[],
  { anchors = [], probes = [], maxHits = HITS_LIMIT, blockBytes = BLOCK_BYTES }: ScanOptions,
  sample: MemorySample | null = null,
): Search {
  const literals = literalsOf(patterns);
  const isNative = machineCode()?.sievePages != null;
  const marks = anchors.map(({ bytes }) => ({ bytes, ignoresCase: false }));
  const table = tableOf(literals);
  return {
    patterns,
    literals,
    index: indexLiterals([...literals, ...marks], isNative ? NATIVE_SETS : 1, isNative, sample),
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
