import { setImmediate as turn } from 'node:timers/promises';
import { Ip2ProcessError } from '../errors.ts';
import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern } from '../indicator/pattern.ts';
import { PAGE_BYTES, physical } from '../memory/address.ts';
import { FrameSet } from '../memory/frame-set.ts';
import type { Block } from '../scan/block-plan.ts';
import { BlockScanner } from '../scan/block-scanner.ts';
import { merged } from '../scan/hit-list.ts';
import type { ScanInput, ScanOptions, ScanResult } from '../scan/scan.ts';
import { ScanState } from '../scan/scan-state.ts';
import { frameLimitOf, indexesForFew, searchOf } from '../scan/search.ts';
import { type Candidates, candidatesOf } from './candidates.ts';
import type { IndexFile } from './index-file.ts';
import { hasBit, members } from './page-bits.ts';
import { PagePlan } from './page-plan.ts';

/** How long the scan keeps everybody else waiting. */
const TURN_MS = 20;

/**
 * What `scan` would say, by looking only at pages in which something can stand.
 *
 * @returns null where the index is of no use for what is sought: then `scan` is to be asked
 * @throws IndexFault where the index is damaged; Ip2ProcessError `cancelled`
 */
export async function indexedScan(
  index: IndexFile,
  input: ScanInput,
  patterns: readonly BytePattern[],
  indicators: readonly Indicator[],
  options: ScanOptions = {},
): Promise<ScanResult | null> {
  const { memory } = input;
  const pages = new PagePlan(memory.runs);
  const { limit, warnings } = frameLimitOf(memory.runs);
  // Beyond the limit no edges are known.
  if (pages.count !== index.contents.pages || warnings.length > 0) return null;

  // Marks of systems are in the index: they are the same for every question.
  const unmarked = { ...options, anchors: [], probes: [] };
  const search = searchOf(patterns, indicators, unmarked, indexesForFew);
  const tails = new FrameSet(limit);
  const heads = new FrameSet(limit);
  const larger = new FrameSet(limit);
  const frames = { tail: tails, head: heads, larger };
  const candidates = await candidatesOf(index, pages, input, search, frames, options);
  goOn(options);
  if (candidates === null) return null;

  const plan = new CandidatePlan(candidates, pages, search.blockBytes);
  const state = new ScanState();
  const scanner = new BlockScanner(
    {
      ...search,
      endBlock: plan.count,
      frameLimit: limit,
      tails: tails.words.buffer,
      heads: heads.words.buffer,
      larger: larger.words.buffer,
      state: state.buffer,
    },
    memory,
  );
  while (scanner.scanFor(plan, state, TURN_MS)) {
    await turn();
    goOn(options);
  }
  const { contents } = index;
  return {
    ...merged([scanner.part.hits], patterns, indicators.length, search.hitsPerIndicator),
    anchors: Object.entries(contents.anchors)
      .flatMap(([name, addresses]) =>
        addresses.map((address) => ({ name, address: physical(address) })),
      )
      .toSorted((one, other) => one.address - other.address),
    tails,
    heads,
    larger,
    bytesSearched: contents.bytesSearched,
    unreadableBytes: contents.unreadableBytes,
    warnings,
  };
}

function goOn({ signal }: ScanOptions): void {
  if (signal?.aborted !== true) return;
  throw new Ip2ProcessError('cancelled', 'Cannot finish the scan: it was cancelled');
}

/** The candidates as blocks: neighbours together, up to the size of a block. */
class CandidatePlan {
  readonly #blocks: Block[] = [];

  constructor({ pages, crossing }: Candidates, plan: PagePlan, blockBytes: number) {
    let last: { start: number; end: number; readEnd: number } | undefined;
    for (const number of members(pages)) {
      const { start, end, stretchEnd } = plan.held(number);
      const readEnd = hasBit(crossing, number) ? Math.min(stretchEnd, end + PAGE_BYTES) : end;
      if (last?.end === start && end - last.start <= blockBytes) {
        last.end = end;
        last.readEnd = readEnd;
      } else {
        last = { start, end, readEnd };
        this.#blocks.push(last);
      }
    }
  }

  get count(): number {
    return this.#blocks.length;
  }

  block(number: number): Block {
    const block = this.#blocks[number];
    if (!block) throw new RangeError(`No block ${number} of ${this.count}`);
    return block;
  }
}
