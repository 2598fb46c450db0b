import type { ReportProcess } from '../report.ts';
import { addressOf } from './notation.ts';

type Region = ReportProcess['regions'][number];

/** A stretch of the strip: one region, or neighbours of a kind without hits; or a gap between them (`kind` null). */
export interface Segment {
  /** Percent of the strip's width. */
  readonly x: number;
  readonly width: number;
  readonly start: bigint;
  /** Exclusive. */
  readonly end: bigint;
  readonly kind: string | null;
  readonly hits: number;
  readonly regions: readonly Region[];
}

/** Regions further apart are drawn with a gap between them: program, libraries and stack of a 64-bit process. */
const WIDE_GAP = 2n ** 30n;
const MOST_REGIONS = 400;

/**
 * Places regions from 4 KiB to terabytes side by side: in the order of their addresses, each as wide as the logarithm of
 * its pages, and those with hits never too narrow to be seen. Regions whose addresses make no sense are left out.
 */
export function layoutStrip(regions: readonly Region[]): Segment[] {
  const pieces = piecesOf(regions);
  const whole = pieces.reduce((sum, piece) => sum + weightOf(piece), 0);
  let x = 0;
  return pieces.map((piece) => {
    const width = (weightOf(piece) / whole) * 100;
    const segment = { ...piece, x, width };
    x += width;
    return segment;
  });
}

type Piece = Omit<Segment, 'x' | 'width'>;

function piecesOf(regions: readonly Region[]): Piece[] {
  const pieces: Piece[] = [];
  for (const piece of regions.slice(0, MOST_REGIONS).flatMap(pieceOf).toSorted(byStart)) {
    const before = pieces.at(-1);
    if (before && piece.start - before.end >= WIDE_GAP) {
      pieces.push({ start: before.end, end: piece.start, kind: null, hits: 0, regions: [] });
      pieces.push(piece);
    } else if (before && before.kind === piece.kind && before.hits + piece.hits === 0) {
      pieces[pieces.length - 1] = {
        ...before,
        end: before.end > piece.end ? before.end : piece.end,
        regions: [...before.regions, ...piece.regions],
      };
    } else pieces.push(piece);
  }
  return pieces;
}

function pieceOf(region: Region): Piece[] {
  const start = addressOf(region.start);
  const end = addressOf(region.end);
  if (start === null || end === null || end <= start) return [];
  return [{ start, end, kind: region.kind, hits: region.hits, regions: [region] }];
}

const byStart = (one: Piece, other: Piece): number =>
  one.start < other.start ? -1 : Number(one.start > other.start);

const PAGE_BITS = 12;

function weightOf({ start, end, kind, hits }: Piece): number {
  if (kind === null) return 1.5;
  const doublings = Math.max(Math.log2(Number(end - start)) - PAGE_BITS, 0);
  return 0.8 + doublings * 0.4 + (hits > 0 ? 1.6 : 0);
}
