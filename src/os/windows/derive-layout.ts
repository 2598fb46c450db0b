import type { Structures } from '../structures.ts';
import type { ProcessLayout, VadLayout, WindowsLayout } from './offsets/layout.ts';
import {
  PFN_SHAPES,
  PROCESS_SHAPES,
  SECTION_SHAPES,
  THREAD_SHAPES,
  VAD_SHAPES,
  type ProcessShape,
} from './offsets/shapes.ts';
import { isProcessName, isProcessNumber, nameAt } from './process-fields.ts';
import { isKernelAddress, type ProcessHeader } from './process-header.ts';
import { judgeLayout } from './judge-layout.ts';
import { readNode, tagBefore } from './vads.ts';

/** EPROCESS.ActiveProcessLinks stands between these in every kernel from 7 to 11, and somewhat beyond. */
const LINKS = { first: 0x140, end: 0x700 };
/** EPROCESS.VadRoot, from the links on. */
const VAD_ROOT = { first: 0x240, end: 0x480 };
const MOST_NODES = 64;
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
  const vadRoot = found?.vadRoot ?? at(VAD_ROOT.end);
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

/** Where most processes have a pointer to a node of their tree, and the shape that reads most nodes rightly. */
function findVadRoot(
  structures: Structures,
  links: number,
  headers: readonly ProcessHeader[],
): { readonly vadRoot: number; readonly vad: VadLayout } | null {
  const alive = headers.filter(({ hasEnded }) => !hasEnded);
  const node = (header: ProcessHeader, offset: number): bigint => {
    const at = structures.pointer(header.address, offset);
    return isKernelAddress(at) && tagBefore(structures, at).startsWith('Vad') ? at : 0n;
  };
  let best: { offset: number; nodes: readonly bigint[] } | null = null;
  for (let offset = links + VAD_ROOT.first; offset < links + VAD_ROOT.end; offset += 8) {
    const nodes = alive.map((header) => node(header, offset)).filter((at) => at !== 0n);
    // The hint, right behind, points to nodes too: of equals the first is the root.
    if (nodes.length > (best?.nodes.length ?? 0)) best = { offset, nodes };
  }
  if (best === null) return null;

  let choice: { vadRoot: number; vad: VadLayout; score: number } | null = null;
  for (const vad of VAD_SHAPES) {
    const score = scoreOfShape(structures, vad, best.nodes);
    const vadRoot = best.offset - (vad.isRootInside ? vad.right : 0);
    if (score > (choice?.score ?? 0)) choice = { vadRoot, vad, score };
  }
  return choice;
}

/** Nodes, from the roots down, that the shape reads as what their tag says they are. */
function scoreOfShape(structures: Structures, vad: VadLayout, roots: readonly bigint[]): number {
  const pending = [...roots];
  const seen = new Set<bigint>();
  let score = 0;
  while (pending.length > 0 && seen.size < MOST_NODES) {
    const at = pending.shift() ?? 0n;
    if (seen.has(at)) continue;
    seen.add(at);
    const node = readNode(structures, vad, at);
    if (node === null) continue;
    const isShort = node.tag === 'VadS' || node.tag === 'VadF';
    const hasChildren = [node.left, node.right].every(
      (child) => child === 0n || isKernelAddress(child),
    );
    const hasSection = isKernelAddress(node.vad.subsection) || isShort;
    if (node.vad.isPrivate === isShort && hasChildren && hasSection) score += 1;
    pending.push(...[node.left, node.right].filter(isKernelAddress));
  }
  return score;
}

function never(): never {
  throw new Error('a list of shapes lacks a row');
}
