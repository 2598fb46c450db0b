import { type Frame, frameOf, PAGE_BYTES, physical } from '../memory/address.ts';
import { FrameSet } from '../memory/frame-set.ts';
import {
  type Edge,
  type HalfKind,
  halfAt,
  isNearPair,
  LARGER_HALF,
  NO_HALF,
} from './edge-index.ts';
import type { ScanTask } from './scan-task.ts';
import type { Sieve } from './sieve.ts';

/** Notes the frames that hold half of a cut text at an edge. */
export class EdgeMarker {
  private readonly edges: ScanTask['edges'];
  private readonly frames: Readonly<Record<Edge | 'larger', FrameSet>>;

  constructor({ edges, frameLimit, tails, heads, larger }: ScanTask) {
    this.edges = edges;
    this.frames = {
      tail: new FrameSet(frameLimit, tails),
      head: new FrameSet(frameLimit, heads),
      larger: new FrameSet(frameLimit, larger),
    };
  }

  /**
   * Looks at the pages that begin before `last`.
   *
   * @param start physical address of the first of the bytes
   * @param from index from which on they are held, up to `until`; with `last` they may end within a page
   */
  mark(bytes: DataView, start: number, from: number, last: number, until: number): void {
    const { edges } = this;
    for (let page = from - ((start + from) % PAGE_BYTES); page < last; page += PAGE_BYTES) {
      const pageEnd = page + PAGE_BYTES;
      // Nearly every page is a whole one, and holds no half at either edge.
      const isPlain =
        page >= from &&
        pageEnd <= until &&
        !isNearPair(edges.head, bytes.getUint16(page, true)) &&
        !isNearPair(edges.tail, bytes.getUint16(pageEnd - 2, false));
      if (!isPlain) this.markPage(bytes, start, page, from, until);
    }
  }

  /** By what a sieve says of the pages from `first` on. */
  markSets(sets: Sieve['sets'], first: Frame): void {
    this.frames.head.addBits(first, sets.heads);
    this.frames.tail.addBits(first, sets.tails);
    this.frames.larger.addBits(first, sets.larger);
  }

  private markPage(
    { buffer, byteOffset, byteLength }: DataView,
    start: number,
    page: number,
    from: number,
    until: number,
  ): void {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const { edges } = this;
    const pageEnd = page + PAGE_BYTES;
    const first = Math.max(page, from);
    if (page >= from) {
      const half = halfAt(edges.head, bytes, page, Math.min(until, pageEnd) - page);
      this.add('head', half, start + page);
    }
    if (pageEnd <= until) {
      const half = halfAt(edges.tail, bytes, pageEnd - 1, pageEnd - first);
      this.add('tail', half, start + page);
    }
  }

  private add(edge: Edge, half: HalfKind, page: number): void {
    if (half === NO_HALF) return;
    const frame = frameOf(physical(page));
    this.frames[edge].add(frame);
    if (half === LARGER_HALF) this.frames.larger.add(frame);
  }
}
