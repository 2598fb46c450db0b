import { recognise } from '../indicator/recognise.ts';
import {
  frameOf,
  frameStart,
  PAGE_BYTES,
  physical,
  type PhysicalAddress,
} from '../memory/address.ts';
import { FrameSet } from '../memory/frame-set.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { AnchorList } from './anchor-list.ts';
import type { Block, BlockPlan } from './block-plan.ts';
import {
  type Edge,
  type HalfKind,
  halfAt,
  isNearPair,
  LARGER_HALF,
  NO_HALF,
} from './edge-index.ts';
import type { Hit } from './hit.ts';
import { type HitColumns, HitList } from './hit-list.ts';
import { bestMatcher } from './best-matcher.ts';
import type { Matcher } from './matcher.ts';
import { isPageShape, PAGE_SHAPES } from './page-shape.ts';
import type { ScanState } from './scan-state.ts';
import type { ScanTask, SharedLiteral } from './scan-task.ts';

/** What one thread has found. Plain data. */
export interface ScanPart {
  readonly hits: HitColumns;
  readonly anchors: AnchorList['addresses'];
  /** Bytes that could not be read although a run claims them. */
  readonly unreadableBytes: number;
  readonly spent: ScanTimes;
}

/** Milliseconds by what they went on, of one thread or of all together. */
export interface ScanTimes {
  /** Copying (and unpacking) the image's bytes. */
  readonly read: number;
  /** Looking for literals and anchors, and asking whether a literal is an indicator. */
  readonly match: number;
  /** Looking at pages for shapes and cut texts. */
  readonly pages: number;
}

/** Scans blocks, one after the other, in ascending order. Holds one block in memory. */
export class BlockScanner {
  private readonly task: ScanTask;
  private readonly memory: PhysicalMemory;
  private readonly matcher: Matcher;
  /** Of the matcher's bytes. */
  private readonly view: DataView;
  private readonly frames: Readonly<Record<Edge | 'larger', FrameSet>>;
  private readonly hits: HitList;
  private readonly anchors: AnchorList;
  /** Places of each anchor and probe in the block at hand: the same lists for all blocks, for most stay empty. */
  private readonly met: readonly PhysicalAddress[][];
  private unreadableBytes = 0;
  private readonly spent = { read: 0, match: 0, pages: 0 };

  constructor(task: ScanTask, memory: PhysicalMemory, matcherOf = bestMatcher) {
    this.task = task;
    this.memory = memory;
    this.matcher = matcherOf(task.index, task.blockBytes + PAGE_BYTES);
    const { buffer, byteOffset } = this.matcher.bytes;
    this.view = new DataView(buffer, byteOffset);
    this.frames = {
      tail: new FrameSet(task.frameLimit, task.tails),
      head: new FrameSet(task.frameLimit, task.heads),
      larger: new FrameSet(task.frameLimit, task.larger),
    };
    this.hits = new HitList(task.patterns, task.indicators.length, task.hitsPerIndicator);
    const collected = [...task.anchors, ...task.probes.map((name) => ({ name }))];
    this.anchors = new AnchorList(collected);
    this.met = collected.map(() => []);
  }

  /** Scans blocks that nobody has taken, for about so long; returns whether there are more. */
  scanFor(
    plan: Pick<BlockPlan, 'count' | 'block'>,
    state: ScanState,
    milliseconds: number,
  ): boolean {
    const endTime = performance.now() + milliseconds;
    const end = Math.min(plan.count, this.task.endBlock);
    while (!state.isStopped && performance.now() < endTime) {
      const number = state.takeBlock();
      if (number >= end) return false;
      const block = plan.block(number);
      this.scan(block);
      state.addDone(block.end - block.start);
    }
    return !state.isStopped;
  }

  private scan(block: Block): void {
    const hits: Hit[] = [];
    const anchors = this.met;
    let before = performance.now();
    const note = (what: keyof ScanTimes): void => {
      const now = performance.now();
      this.spent[what] += now - before;
      before = now;
    };
    for (const held of this.read(block)) {
      note('read');
      const until = Math.min(held.until, block.end - block.start);
      this.matcher.match(held.from, until, held.until, (number, at) => {
        const literal = this.task.literals[number];
        if (literal) this.recogniseAt(literal, at, block, held, hits);
        else anchors[number - this.task.literals.length]?.push(physical(block.start + at));
      });
      note('match');
      this.markEdges(block, held);
      this.probe(block, held, anchors);
      note('pages');
    }
    note('read');
    // Of nearly all blocks there is nothing to keep.
    if (hits.length > 0) this.hits.addBlock(hits);
    for (const [anchor, addresses] of anchors.entries()) {
      if (addresses.length === 0) continue;
      this.anchors.addBlock(anchor, addresses);
      addresses.length = 0;
    }
  }

  get part(): ScanPart {
    return {
      hits: this.hits.columns(),
      anchors: this.anchors.addresses,
      unreadableBytes: this.unreadableBytes,
      spent: this.spent,
    };
  }

  /** Reads a block to the matcher's bytes; yields the parts of it that the image holds. */
  private *read({ start, end, readEnd }: Block): Generator<Held> {
    const { bytes } = this.matcher;
    const wanted = readEnd - start;
    for (let from = 0; from < wanted;) {
      const until = from + this.memory.read(physical(start + from), bytes.subarray(from, wanted));
      if (until > from) yield { from, until };
      if (until >= wanted) return;

      // What is damaged or missing is so by pages at least.
      from = frameStart(frameOf(physical(start + until))) + PAGE_BYTES - start;
      this.unreadableBytes += Math.max(0, Math.min(from, end - start) - until);
    }
  }

  /** Asks whether the literal found at `at` is an indicator, by no more than the frame or the two that it lies in. */
  private recogniseAt(
    literal: SharedLiteral,
    at: number,
    block: Block,
    held: Held,
    hits: Hit[],
  ): void {
    const page = at - ((block.start + at) % PAGE_BYTES);
    const pageEnd = page + PAGE_BYTES;
    const crossesFrames = at + literal.bytes.length > pageEnd;
    const from = Math.max(page, held.from);
    const until = Math.min(crossesFrames ? pageEnd + PAGE_BYTES : pageEnd, held.until);
    const window = this.matcher.bytes.subarray(from, until);

    for (const number of literal.patterns) {
      const pattern = this.task.patterns[number];
      const indicator = this.task.indicators[pattern?.indicator ?? -1];
      if (!pattern || !indicator) continue;

      const end = at + pattern.bytes.length;
      // A last zero byte was not sought: where it would lie beyond the edge, take it for granted.
      const isCut = end > until;
      const lacksZero = end > at + literal.bytes.length && (window[end - 1 - from] ?? 0) !== 0;
      const found = lacksZero
        ? null
        : recognise(pattern, indicator, isCut ? lengthened(window) : window, at - from);
      if (!found) continue;
      hits.push({
        pattern: number,
        address: physical(block.start + from + found.start),
        length: Math.min(found.length, window.length - found.start),
        openBefore: found.openBefore,
        openAfter: found.openAfter || isCut,
        crossesFrames,
      });
    }
  }

  /** Shows the probes every whole page. */
  private probe(
    { start, end }: Block,
    { from, until }: Held,
    anchors: readonly PhysicalAddress[][],
  ): void {
    const { probes, anchors: exact } = this.task;
    const pageStart = frameStart(frameOf(physical(start + from + PAGE_BYTES - 1))) - start;
    const last = Math.min(until, end - start);
    for (const [number, name] of probes.entries()) {
      const addresses = anchors[exact.length + number];
      const add = (at: number): void => void addresses?.push(physical(start + at));
      if (!isPageShape(name)) {
        this.matcher.probe(name, pageStart, last, add);
        continue;
      }
      const hasShape = PAGE_SHAPES[name];
      for (let page = pageStart; page + PAGE_BYTES <= last; page += PAGE_BYTES) {
        if (hasShape(this.view, page, start + page)) add(page);
      }
    }
  }

  private markEdges({ start, end }: Block, { from, until }: Held): void {
    const { edges } = this.task;
    const { view } = this;
    const last = Math.min(until, end - start);
    for (let page = from - ((start + from) % PAGE_BYTES); page < last; page += PAGE_BYTES) {
      const pageEnd = page + PAGE_BYTES;
      // Nearly every page is a whole one, and holds no half at either edge.
      const isPlain =
        page >= from &&
        pageEnd <= until &&
        !isNearPair(edges.head, view.getUint16(page, true)) &&
        !isNearPair(edges.tail, view.getUint16(pageEnd - 2, false));
      if (!isPlain) this.markPage(start, page, from, until);
    }
  }

  private markPage(start: number, page: number, from: number, until: number): void {
    const { bytes } = this.matcher;
    const { edges } = this.task;
    const pageEnd = page + PAGE_BYTES;
    const first = Math.max(page, from);
    if (page >= from) {
      const half = halfAt(edges.head, bytes, page, Math.min(until, pageEnd) - page);
      this.markEdge('head', half, start + page);
    }
    if (pageEnd <= until) {
      const half = halfAt(edges.tail, bytes, pageEnd - 1, pageEnd - first);
      this.markEdge('tail', half, start + page);
    }
  }

  private markEdge(edge: Edge, half: HalfKind, page: number): void {
    if (half === NO_HALF) return;
    const frame = frameOf(physical(page));
    this.frames[edge].add(frame);
    if (half === LARGER_HALF) this.frames.larger.add(frame);
  }
}

/** Indexes in the matcher's bytes between which the image holds everything. */
interface Held {
  readonly from: number;
  readonly until: number;
}

function lengthened(window: Uint8Array): Uint8Array {
  const longer = new Uint8Array(window.length + 1);
  longer.set(window);
  return longer;
}
