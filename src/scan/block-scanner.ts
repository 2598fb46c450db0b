import { recognise } from '../indicator/recognise.ts';
import { frameOf, frameStart, PAGE_BYTES, physical } from '../memory/address.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { AnchorList } from './anchor-list.ts';
import type { Block, BlockPlan } from './block-plan.ts';
import { EdgeMarker } from './edge-marker.ts';
import type { Hit } from './hit.ts';
import { HitList } from './hit-list.ts';
import { bestMatcher } from './best-matcher.ts';
import { indexLiterals } from './literal-index.ts';
import type { Matcher } from './matcher.ts';
import { machineCode, SHAPES_FOUND } from '../machine-code/machine-code.ts';
import { isPageShape, PAGE_SHAPES } from './page-shape.ts';
import type { ScanPart, ScanTimes } from './scan-part.ts';
import type { ScanState } from './scan-state.ts';
import { type ScanTask, type SharedLiteral, soughtBy } from './scan-task.ts';
import { Sieve } from './sieve.ts';

/** Scans blocks, one after the other, in ascending order. Holds one block in memory. */
export class BlockScanner {
  private readonly task: ScanTask;
  private readonly memory: PhysicalMemory;
  private readonly matcherOf: typeof bestMatcher;
  private matcherMade: Matcher | null = null;
  /** Where a block is read to: the sieve's bytes, or the matcher's. */
  private readonly bytes: Uint8Array;
  /** Null where this machine has none: then the matcher looks at everything. */
  private readonly sieve: Sieve | null;
  private readonly edges: EdgeMarker;
  private readonly hits: HitList;
  private readonly anchors: AnchorList;
  private unreadableBytes = 0;
  /** Whether pages of zeros show something; null while nobody has asked. */
  private showsZeros: boolean | null = null;
  private readonly spent = { read: 0, match: 0, pages: 0 };
  /** When the last of it was noted. */
  private since = 0;

  constructor(
    task: ScanTask,
    memory: PhysicalMemory,
    matcherOf = bestMatcher,
    sievePages = machineCode()?.sievePages ?? null,
  ) {
    const capacity = task.blockBytes + PAGE_BYTES;
    this.task = task;
    this.memory = memory;
    this.matcherOf = matcherOf;
    this.sieve =
      sievePages && task.sieve && new Sieve(sievePages, task.sieve, task.edges, capacity);
    this.bytes = this.sieve?.bytes ?? this.matcher.bytes;
    this.edges = new EdgeMarker(task);
    this.hits = new HitList(task.patterns, task.indicators.length, task.hitsPerIndicator);
    this.anchors = new AnchorList([...task.anchors, ...task.probes.map((name) => ({ name }))]);
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

  /**
   * With as little as can be in it and in what it calls for every block: code that is busy is compiled, by threads that take
   * the processors from the scan.
   */
  private scan(block: Block): void {
    if (this.isEmpty(block)) return;
    const hits: Hit[] = [];
    this.since = performance.now();
    const wanted = block.readEnd - block.start;
    for (let from = 0; from < wanted;) {
      const bytes = this.bytes.subarray(from, wanted);
      const until = from + this.memory.read(physical(block.start + from), bytes);
      this.note('read');
      if (until > from) this.look(block, { from, until }, hits);
      from = until < wanted ? this.leapt(block, until) : wanted;
    }
    // Of nearly all blocks there is nothing to keep.
    if (hits.length > 0) this.hits.addBlock(hits);
    this.anchors.endBlock();
  }

  /** Looks at a part of a block that the image holds. */
  private look(block: Block, held: Held, hits: Hit[]): void {
    const until = Math.min(held.until, block.end - block.start);
    if (this.sieve && isWhole(block.start + held.from) && isWhole(block.start + until)) {
      this.sieve.look(held.from, until, held.until, frameOf(physical(block.start + held.from)));
      this.note('match');
      this.takeOver(this.sieve, block, held, hits);
    } else {
      if (this.sieve) this.show(held.from, held.until);
      this.match(block, held, held.from, until, hits);
      this.note('match');
      this.edges.mark(this.view, block.start, held.from, until, held.until);
      this.probe(block, held.from, until);
    }
    this.note('pages');
  }

  /** Notes what the time since then was spent for. */
  private note(what: keyof ScanTimes): void {
    const now = performance.now();
    this.spent[what] += now - this.since;
    this.since = now;
  }

  get part(): ScanPart {
    return {
      hits: this.hits.columns(),
      anchors: this.anchors.addresses,
      unreadableBytes: this.unreadableBytes,
      spent: this.spent,
    };
  }

  /** Made when first asked for: behind a sieve it sees few pages, or none. */
  private get matcher(): Matcher {
    const { task, matcherOf } = this;
    return (this.matcherMade ??= matcherOf(
      task.index ?? indexLiterals(soughtBy(task), 0),
      task.blockBytes + PAGE_BYTES,
    ));
  }

  /** Of the matcher's bytes. */
  private get view(): DataView {
    const { buffer, byteOffset } = this.matcher.bytes;
    return new DataView(buffer, byteOffset);
  }

  /** Whether it lies in a hole of the image's file, and no text that is sought can begin or go on in zeros. */
  private isEmpty({ start, end }: Block): boolean {
    if (!this.sieve || !isWhole(start) || !isWhole(end)) return false;
    if (!this.memory.isHole?.(physical(start), end - start)) return false;
    this.showsZeros ??= this.sieve.showsZeros();
    return !this.showsZeros;
  }

  /** Where to go on in a block behind `until`, where the image lacks something. */
  private leapt({ start, end }: Block, until: number): number {
    // What is damaged or missing is so by pages at least.
    const next = frameStart(frameOf(physical(start + until))) + PAGE_BYTES - start;
    this.unreadableBytes += Math.max(0, Math.min(next, end - start) - until);
    return next;
  }

  /** Takes over what the sieve has found. */
  private takeOver(sieve: Sieve, block: Block, held: Held, hits: Hit[]): void {
    this.edges.markSets(sieve.sets, frameOf(physical(block.start + held.from)));
    const { foundCount, isFull } = sieve;
    for (let number = 0; number < foundCount; number += 1) {
      const at = sieve.where(number);
      if (!isFull || !sieve.isCrowded(at - held.from))
        this.take(sieve.what(number), at, block, held, hits);
    }
    if (isFull) this.takeCrowded(sieve, block, held, hits);
  }

  /** Has the matcher look at the pages that showed the sieve more than it could tell. */
  private takeCrowded(sieve: Sieve, block: Block, held: Held, hits: Hit[]): void {
    for (let page = held.from; page < held.until; page += PAGE_BYTES) {
      if (!sieve.isCrowded(page - held.from)) continue;
      const pageEnd = page + PAGE_BYTES;
      this.show(page, Math.min(held.until, pageEnd + PAGE_BYTES));
      this.match(block, held, page, pageEnd, hits);
      this.probe(block, page, pageEnd);
    }
  }

  /** @param what as `Sieve.what` */
  private take(what: number, at: number, block: Block, held: Held, hits: Hit[]): void {
    const { literals, anchors, probes } = this.task;
    const literal = literals[what];
    if (literal) this.recogniseAt(literal, at, block, held, hits);
    else if (what < literals.length + anchors.length) {
      this.anchors.meet(what - literals.length, physical(block.start + at));
    } else {
      const probe = probes.findIndex((name) => SHAPES_FOUND[name] === what);
      if (probe >= 0) this.anchors.meet(anchors.length + probe, physical(block.start + at));
    }
  }

  /** Puts bytes of the sieve before the matcher. */
  private show(from: number, until: number): void {
    this.matcher.bytes.set(this.bytes.subarray(from, until), from);
  }

  /** Collects what begins in [from, until). */
  private match(block: Block, held: Held, from: number, until: number, hits: Hit[]): void {
    this.matcher.match(from, until, held.until, (number, at) => {
      this.take(number, at, block, held, hits);
    });
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
    const window = this.bytes.subarray(from, until);

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

  /** Shows the probes every whole page of [from, last). */
  private probe({ start }: Block, from: number, last: number): void {
    const { probes, anchors: exact } = this.task;
    const pageStart = frameStart(frameOf(physical(start + from + PAGE_BYTES - 1))) - start;
    for (const [number, name] of probes.entries()) {
      const add = (at: number): void =>
        this.anchors.meet(exact.length + number, physical(start + at));
      if (!isPageShape(name)) {
        this.matcher.probe(name, pageStart, last, add);
        continue;
      }
      const hasShape = PAGE_SHAPES[name];
      const { view } = this;
      for (let page = pageStart; page + PAGE_BYTES <= last; page += PAGE_BYTES) {
        if (hasShape(view, page, start + page)) add(page);
      }
    }
  }
}

const isWhole = (address: number): boolean => address % PAGE_BYTES === 0;

/** Indexes in the block's bytes between which the image holds everything. */
interface Held {
  readonly from: number;
  readonly until: number;
}

function lengthened(window: Uint8Array): Uint8Array {
  const longer = new Uint8Array(window.length + 1);
  longer.set(window);
  return longer;
}
