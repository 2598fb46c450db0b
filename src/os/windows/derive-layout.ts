import type { Structures } from '../structures.ts';
import type { ProcessLayout, WindowsLayout } from './offsets/layout.ts';
import {
  PFN_SHAPES,
  PROCESS_SHAPES,
  SECTION_SHAPES,
  THREAD_SHAPES,
  VAD_SHAPES,
  type ProcessShape,
} from './offsets/shapes.ts';
import { isProcessName, isProcessNumber, nameAt } from './process-fields.ts';
import type { ProcessHeader } from './process-header.ts';
import { judgeLayout } from './judge-layout.ts';
import { findVadRoot } from './vad-shape.ts';

/** EPROCESS.ActiveProcessLinks stands between these in every kernel from 7 to 11, and somewhat beyond. */
const LINKS = { first: 0x140, end: 0x700 };
/** EPROCESS.VadRoot from the links on, as since 20348: where no tree is in the image it matters little. */
const USUAL_VAD_ROOT = 0x390;
/** Of the processes: a few are damaged. */
const MOST = 0.75;

/**
 * The layout of an unlisted kernel: where the processes' numbers, names and lists stand in the image tells the offset,
 * the known shapes tell the rest. Null where nothing fits.
 */
export function deriveLayout(
  structures: Structures,
  headers: readonly ProcessHeader[],
): WindowsLayout | null {
  let best: { readonly layout: WindowsLayout; readonly score: number } | null = null;
  for (let links = LINKS.first; links < LINKS.end; links += 8) {
    for (const shape of PROCESS_SHAPES) {
      if (!fits(structures, shape, links, headers)) continue;
      const layout = complete(structures, shape, links, headers);
      const score = judgeLayout(structures, layout.process, headers, null);
      if (score > (best?.score ?? 0)) best = { layout, score };
    }
  }
  return best?.layout ?? null;
}

function fits(
  structures: Structures,
  { fromLinks }: ProcessShape,
  links: number,
  headers: readonly ProcessHeader[],
): boolean {
  const good = headers.filter(
    ({ address }) =>
      isProcessNumber(structures.pointer(address, links + fromLinks.pid)) &&
      isProcessNumber(structures.pointer(address, links + fromLinks.parentPid)) &&
      isProcessName(nameAt(structures, address + BigInt(links + fromLinks.name))),
  );
  return good.length >= Math.max(1, headers.length * MOST);
}

function complete(
  structures: Structures,
  { fromLinks, exitTime }: ProcessShape,
  links: number,
  headers: readonly ProcessHeader[],
): WindowsLayout {
  const at = (distance: number): number => links + distance;
  const found = findVadRoot(structures, links, headers);
  const vad = found?.vad ?? VAD_SHAPES[1] ?? never();
  const vadRoot = found?.vadRoot ?? at(USUAL_VAD_ROOT);
  const createTime = at(fromLinks.createTime);
  const process: ProcessLayout = {
    links,
    pid: at(fromLinks.pid),
    createTime,
    exitTime: (exitTime.from === 'vadRoot' ? vadRoot : createTime) + exitTime.distance,
    parentPid: at(fromLinks.parentPid),
    name: at(fromLinks.name),
    peb: at(fromLinks.peb),
    auditName: at(fromLinks.auditName),
    vadRoot,
    token: at(fromLinks.token),
    objectTable: at(fromLinks.objectTable),
    wow64: at(fromLinks.wow64),
    activeThreads: at(fromLinks.activeThreads),
  };
  const isSeven = exitTime.from === 'createTime';
  // What 8 and 8.1 have in common with 7 is told by how long before its links a process' start was noted.
  const isBeforeTen = fromLinks.createTime < 0;
  return {
    id: 'derived',
    builds: [],
    doubt: 'derived from the image',
    process,
    vad,
    section: SECTION_SHAPES[isBeforeTen ? 1 : 0] ?? never(),
    pfn: PFN_SHAPES[isSeven ? 4 : isBeforeTen ? 3 : 2] ?? never(),
    thread: THREAD_SHAPES[isSeven ? 1 : 0] ?? never(),
  };
}

function never(): never {
  throw new Error('a list of shapes lacks a row');
}
