import type { Engine, FrameOwners, FrameQuestion, Seam } from '../engine/engine.ts';
import {
  type Frame,
  frame as frameNumber,
  virtualPage,
  virtualPageStart,
} from '../memory/address.ts';
import { FrameSet } from '../memory/frame-set.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import { mayJoin } from '../translate/halves.ts';
import type { Mapping, MappingState } from '../translate/mapping.ts';
import { PagePlan } from './page-plan.ts';

/** Page tables turned backwards for all frames: one row for each use, ascending by space, then page. Plain columns. */
export interface OwnerTable {
  /** First row of each space, and the number of rows. */
  readonly starts: Uint32Array;
  readonly pages: Float64Array;
  readonly frames: Uint32Array;
  /** Three bits of permissions, two of state, two of page size. */
  readonly kinds: Uint8Array;
}

/** Uses that are kept: those of 8 GiB that are mapped once. An object each while the table is made. */
export const MOST_USES = 2 ** 21;
/** Frames that the engine is asked about at once: each use of them is an object for a while. */
const SLICE_FRAMES = 2 ** 18;
const MOST_SEAMS = 2 ** 20;

/**
 * Asks an engine for the uses of every frame.
 *
 * @returns null where they are too many, or the frames lie too high: then each question walks the tables itself
 */
export function ownerTable(
  engine: Engine,
  memory: PhysicalMemory,
  spaces: number,
): OwnerTable | null {
  const last = memory.runs.at(-1);
  const limit = last ? Math.ceil((last.start + last.length) / 4096) : 0;
  if (limit > 2 ** 30) return null;
  /** By space: page, then frame and kind in one number, of each use. */
  const rows: number[][] = Array.from({ length: spaces }, () => []);
  let count = 0;
  const none = new FrameSet(0);
  for (const slice of slices(new PagePlan(memory.runs), limit)) {
    const owners = engine.owners({ interest: slice, tails: none, heads: none });
    if (owners.unreadableTables.length > spaces) return null;
    for (const frame of slice) {
      for (const mapping of owners.mappingsOf(frame)) {
        rows[mapping.space]?.push(mapping.page, frame * KINDS + kindOf(mapping));
        count += 1;
      }
    }
    if (count >= MOST_USES) return null;
  }
  return columnsOf(rows, count);
}

const KINDS = 128;

/** Frames of the image, so many at a time. */
function* slices(plan: PagePlan, limit: number): Generator<FrameSet> {
  for (let first = 0; first < plan.count; first += SLICE_FRAMES) {
    const slice = new FrameSet(limit);
    const end = Math.min(plan.count, first + SLICE_FRAMES);
    for (let number = first; number < end; number += 1) {
      slice.add(frameNumber(plan.held(number).frame));
    }
    yield slice;
  }
}

function columnsOf(spaces: readonly (readonly number[])[], count: number): OwnerTable {
  const table = {
    starts: new Uint32Array(spaces.length + 1),
    pages: new Float64Array(count),
    frames: new Uint32Array(count),
    kinds: new Uint8Array(count),
  };
  let at = 0;
  for (const [space, rows] of spaces.entries()) {
    table.starts[space] = at;
    const order = Uint32Array.from({ length: rows.length / 2 }, (_, use) => use * 2);
    for (const use of order.toSorted((one, other) => (rows[one] ?? 0) - (rows[other] ?? 0))) {
      const packed = rows[use + 1] ?? 0;
      table.pages[at] = rows[use] ?? 0;
      table.frames[at] = Math.floor(packed / KINDS);
      table.kinds[at] = packed % KINDS;
      at += 1;
    }
  }
  table.starts[spaces.length] = at;
  return table;
}

/** A use of a frame that was asked for. */
export interface Use {
  readonly row: number;
  readonly page: number;
  readonly frame: number;
  readonly kind: number;
}

/** A row and the next one that may be a seam; of two spaces, perhaps. */
export interface Joint {
  readonly row: number;
  readonly page: number;
  readonly first: number;
  readonly second: number;
}

/** What a question is answered from; all ascending by row. */
export interface AskedRows {
  readonly starts: OwnerTable['starts'];
  readonly uses: readonly Use[];
  readonly joints: readonly Joint[];
}

/** What the engine would say, from rows of the table. `rest`: what is the same for every question. */
export function ownersFrom(
  { starts, uses, joints }: AskedRows,
  question: FrameQuestion,
  rest: Pick<FrameOwners, 'unreadableTables' | 'notInMemory'>,
): FrameOwners {
  const spaceOf = spaceFinder(starts);
  const byFrame = new Map<number, Mapping[]>();
  for (const { row, page, frame, kind } of uses) {
    const mapping = mappingOf(spaceOf(row), page, frame, kind);
    const known = byFrame.get(frame);
    if (known) known.push(mapping);
    else byFrame.set(frame, [mapping]);
  }
  const seams: Seam[] = [];
  for (const { row, page, ...frames } of joints) {
    const [first, second] = [frameNumber(frames.first), frameNumber(frames.second)];
    if (!mayJoin(question, first, second)) continue;
    const space = spaceOf(row);
    if (spaceOf(row + 1) !== space) continue;
    if (seams.length === MOST_SEAMS) break;
    seams.push({ space, address: virtualPageStart(virtualPage(page)), first, second });
  }
  return {
    ...rest,
    mappingsOf: (frame: Frame) => byFrame.get(frame) ?? [],
    seams,
    dropped: 0,
  };
}

/** The space that a row belongs to; past the last row the number of spaces. */
function spaceFinder(starts: Uint32Array): (row: number) => number {
  const spaces = starts.length - 1;
  return (row) => {
    let low = 0;
    let high = spaces;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle + 1] ?? 0) <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const STATES: readonly MappingState[] = ['valid', 'protected', 'transition', 'prototype'];
const SIZES: readonly number[] = [2 ** 12, 2 ** 21, 2 ** 30];

/** Beyond the largest of `kinds`. */
export const MOST_KINDS = SIZES.length << 5;

const kindOf = (mapping: Mapping): number =>
  (mapping.isWritable ? 1 : 0) |
  (mapping.isUser ? 2 : 0) |
  (mapping.isExecutable ? 4 : 0) |
  (STATES.indexOf(mapping.state) << 3) |
  (Math.max(SIZES.indexOf(mapping.pageBytes), 0) << 5);

const mappingOf = (space: number, page: number, frame: number, kind: number): Mapping => ({
  space,
  page: virtualPage(page),
  frame: frameNumber(frame),
  pageBytes: SIZES[kind >> 5] ?? 0,
  isWritable: (kind & 1) !== 0,
  isUser: (kind & 2) !== 0,
  isExecutable: (kind & 4) !== 0,
  state: STATES[(kind >> 3) & 3] ?? 'valid',
});
