import type { Structures } from '../structures.ts';
import type { SectionLayout } from './offsets/layout.ts';
import { isKernelAddress } from './process-header.ts';
import { entryAt, indexOf } from './prototypes.ts';
import type { Vad } from './vads.ts';

/** Pages in a row of a process, and the prototype entries that stand for them. */
export interface ViewPart {
  /** First page. */
  readonly page: number;
  readonly pages: number;
  /** Kernel address of the first page's entry. */
  readonly firstEntry: bigint;
}

/** A file of 2 MiB subsections can have thousands; a ring has no end. */
const MOST_SUBSECTIONS = 4096;

/**
 * How a view of a section is spread over arrays of prototype entries: from MMVAD.FirstPrototypePte on, then from
 * subsection to subsection. Empty where the area is no view, or cannot be read.
 */
export function viewParts(
  structures: Structures,
  layout: SectionLayout,
  vad: Vad,
): readonly ViewPart[] {
  const { firstPrototype: first, lastPrototype: last } = vad;
  if (vad.isPrivate || !isKernelAddress(first) || first % 8n !== 0n || last < first) return [];

  const parts: ViewPart[] = [];
  let page = vad.start;
  const add = (firstEntry: bigint, count: number): void => {
    const pages = Math.min(count, vad.end + 1 - page);
    if (pages <= 0) return;
    parts.push({ page, pages, firstEntry });
    page += pages;
  };
  add(first, indexOf(first, last) + 1);

  let end = entryAt(last, 1);
  let subsection = vad.subsection;
  for (let seen = 0; page <= vad.end && seen < MOST_SUBSECTIONS; seen += 1) {
    subsection = structures.pointer(subsection, layout.next);
    if (!isKernelAddress(subsection)) break;
    const base = structures.pointer(subsection, layout.base);
    const count = structures.u32(subsection, layout.pteCount);
    // An image's subsections share one array, which the first part can have covered.
    if (!isKernelAddress(base) || count === 0) continue;
    const isCovered = base >= first && base < end;
    if (isCovered) continue;
    add(base, count);
    end = entryAt(base, count);
  }
  return parts;
}
