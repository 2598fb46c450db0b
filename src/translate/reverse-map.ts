import { Ip2ProcessError } from '../errors.ts';
import {
  frame as frameNumber,
  frameOf,
  virtualPage,
  type Frame,
  type PhysicalAddress,
  type VirtualPage,
} from '../memory/address.ts';
import type { FrameSet } from '../memory/frame-set.ts';
import type { PhysicalMemory } from '../memory/physical-memory.ts';
import type { AbsenceRule, AbsentPages } from './absent-pages.ts';
import type { PageBeyond } from './beyond-tables.ts';
import type { EntryRules } from './entry-rules.ts';
import type { Halves } from './halves.ts';
import { LeafLog, LOG_LIMITS, type LogLimits } from './leaf-log.ts';
import type { PagingMode } from './levels.ts';
import type { Mapping } from './mapping.ts';
import { TableWalk, type PageRange } from './table-walk.ts';
import { Uses } from './uses.ts';
import { WantedFrames } from './wanted-frames.ts';

/** One half of an address space to be walked. Its place in the list is the `space` of mappings and seams. */
export interface WalkRoot {
  readonly root: PhysicalAddress;
  readonly half: 'user' | 'kernel';
  /** Pages of it that its tables do not hold, as far as their frames are wanted; in no order. */
  readonly pagesBeyond?: (isWanted: (frame: number) => boolean) => Iterable<PageBeyond>;
}

/** Where a space joins two frames that are no neighbours in RAM: a text can run from one into the other. */
export interface Seam {
  readonly space: number;
  /** The first frame's page; the second's is the next. */
  readonly page: VirtualPage;
  readonly first: Frame;
  readonly second: Frame;
}

export interface ReverseMapOptions extends Halves {
  /** Frames whose mappings are asked for. */
  readonly interest: FrameSet;
  /** Pages that nobody's ownership follows from, such as the kernel's view of all RAM. */
  readonly skip?: readonly PageRange[];
  /** How to tell where pages are that are not in RAM as they are; absent: they are not counted. */
  readonly absenceOf?: AbsenceRule;
  readonly limits?: LogLimits;
  readonly onProgress?: (rootsDone: number) => void;
  readonly signal?: AbortSignal;
}

/** Page tables read backwards: from frames to those who map them. */
export interface ReverseMap {
  /** Who maps a frame of `interest`: ascending by space, then page. */
  mappingsOf(frame: Frame): readonly Mapping[];
  /** Whether a space maps a frame and its neighbour in RAM at two pages in a row. Both must be of `interest`. */
  isMappedInOrder(space: number, frame: Frame): boolean;
  /** Ascending by space, then page. */
  readonly mappings: readonly Mapping[];
  readonly seams: readonly Seam[];
  /** For each root: tables that the image lacks, or that hold something else by now. */
  readonly unreadableTables: readonly number[];
  /** For each root: pages that its tables know, but not in RAM as they are; all 0 without a rule for them. */
  readonly absent: readonly AbsentPages[];
  /** Uses of wanted frames, and seams, that a bound kept out of the result. */
  readonly dropped: number;
  readonly tablesRead: number;
  /** Leaf entries that were read, wanted or not; those of a shared table once. */
  readonly leaves: number;
}

/** Seams of all spaces; each costs its reader a look at two pages. */
const MOST_SEAMS = 2 ** 20;
/** Of one space: shared pages of wanted frames that its tables do not hold. */
const MOST_BEYOND = 2 ** 20;

/**
 * Walks the page tables of all spaces once and keeps what concerns the wanted frames.
 *
 * @throws Ip2ProcessError `cancelled`, between two roots
 */
export function reverseMap(
  memory: PhysicalMemory,
  roots: readonly WalkRoot[],
  mode: PagingMode,
  rules: EntryRules,
  options: ReverseMapOptions,
): ReverseMap {
  const { interest, signal, onProgress } = options;
  const log = new LeafLog(options.limits ?? LOG_LIMITS);
  const wanted = new WantedFrames(interest, options);
  const { skip = [], absenceOf = null } = options;
  const walk = new TableWalk(memory, mode, rules, wanted, log, skip, absenceOf);

  const unreadableTables: number[] = [];
  const absent: AbsentPages[] = [];
  const mappings: Mapping[] = [];
  const seams: Seam[] = [];
  let droppedSeams = 0;
  let droppedBeyond = 0;
  for (const [space, { root, half, pagesBeyond }] of roots.entries()) {
    if (signal?.aborted === true) {
      throw new Ip2ProcessError(
        'cancelled',
        `Cannot finish walking page tables: stopped after ${space} of ${roots.length} roots`,
        { rootsDone: space },
      );
    }
    const start = log.length;
    log.beginSpace();
    const before = walk.absent;
    unreadableTables.push(walk.walk(frameOf(root), half));
    absent.push({
      compressed: walk.absent.compressed - before.compressed,
      pagedOut: walk.absent.pagedOut - before.pagedOut,
    });
    collect(space, usesOf(start, pagesBeyond));
    onProgress?.(space + 1);
  }

  const byFrame = groupByFrame(mappings);
  const mappingsOf = (frame: Frame): readonly Mapping[] => byFrame.get(frame) ?? [];
  return {
    mappingsOf,
    isMappedInOrder: (space, frame) =>
      followEachOther(space, mappingsOf(frame), mappingsOf(frameNumber(frame + 1))),
    mappings,
    seams,
    unreadableTables,
    absent,
    dropped: log.dropped + droppedSeams + droppedBeyond,
    tablesRead: walk.tablesRead,
    leaves: walk.leaves,
  };

  /** What the log holds from `start` on, and what lies beyond the tables: ascending by page. */
  function usesOf(start: number, pagesBeyond: WalkRoot['pagesBeyond']): Uses {
    const beyond: PageBeyond[] = [];
    for (const page of pagesBeyond?.((candidate) => wanted.has(candidate)) ?? []) {
      if (beyond.length === MOST_BEYOND) droppedBeyond += 1;
      else beyond.push(page);
    }
    beyond.sort((one, other) => one.page - other.page);
    return new Uses(log, start, beyond);
  }

  /** Takes over the uses of one space. */
  function collect(space: number, uses: Uses): void {
    let first = uses.length > 0 ? uses.frame(0) : 0;
    let page = uses.length > 0 ? uses.page(0) : 0;
    for (let use = 0; use < uses.length; use += 1) {
      if (interest.has(first)) mappings.push(uses.mapping(use, space));
      if (use + 1 === uses.length) break;
      const second = uses.frame(use + 1);
      const next = uses.page(use + 1);
      if (next === page + 1 && wanted.mayJoin(first, second)) addSeam(space, page, first, second);
      first = second;
      page = next;
    }
  }

  function addSeam(space: number, page: number, first: number, second: number): void {
    if (seams.length === MOST_SEAMS) {
      droppedSeams += 1;
      return;
    }
    seams.push({
      space,
      page: virtualPage(page),
      first: frameNumber(first),
      second: frameNumber(second),
    });
  }
}

function groupByFrame(mappings: readonly Mapping[]): ReadonlyMap<Frame, readonly Mapping[]> {
  const groups = new Map<Frame, Mapping[]>();
  for (const mapping of mappings) {
    const group = groups.get(mapping.frame);
    if (group === undefined) groups.set(mapping.frame, [mapping]);
    else group.push(mapping);
  }
  return groups;
}

/** Both lists ascend by page within the space, so one pass over both tells. */
function followEachOther(
  space: number,
  first: readonly Mapping[],
  second: readonly Mapping[],
): boolean {
  const pages = second.filter((mapping) => mapping.space === space).map(({ page }) => page);
  let at = 0;
  for (const mapping of first) {
    if (mapping.space !== space) continue;
    while (at < pages.length && (pages[at] ?? 0) < mapping.page + 1) at += 1;
    if (pages[at] === mapping.page + 1) return true;
  }
  return false;
}
