import type { Structures } from '../structures.ts';
import type { VadLayout, WindowsLayout } from './offsets/layout.ts';
import { VAD_SHAPES } from './offsets/shapes.ts';
import { isKernelAddress, type ProcessHeader } from './process-header.ts';
import { readNode, rootNode, SHORT_TAGS, tagBefore } from './vads.ts';

/** EPROCESS.VadRoot, from the links on. */
const VAD_ROOT = { first: 0x240, end: 0x480 };
const MOST_NODES = 96;
/** So many nodes, all of them read rightly, are no chance. */
const ENOUGH_NODES = 32;

/** Where a process has its tree, and how a node is read. */
export interface VadPlace {
  /** EPROCESS.VadRoot */
  readonly vadRoot: number;
  readonly vad: VadLayout;
}

/** The layout itself if it reads the trees of this image as well as any shape does, else with what reads them better. */
export function withProvenVads(
  structures: Structures,
  layout: WindowsLayout,
  headers: readonly ProcessHeader[],
): WindowsLayout {
  const roots = headers
    .filter(({ hasEnded }) => !hasEnded)
    .map(({ address }) =>
      rootNode(structures, layout.vad, address + BigInt(layout.process.vadRoot)),
    );
  const { score: own, seen } = scoreOfShape(structures, layout.vad, roots.filter(isKernelAddress));
  if (own === seen && seen >= ENOUGH_NODES) return layout;
  const found = findVadRoot(structures, layout.process.links, headers);
  if (found === null || found.score <= own) return layout;
  return { ...layout, vad: found.vad, process: { ...layout.process, vadRoot: found.vadRoot } };
}

/** Where most processes have a pointer to a node of their tree, and the shape that reads most nodes rightly. */
export function findVadRoot(
  structures: Structures,
  links: number,
  headers: readonly ProcessHeader[],
): (VadPlace & { readonly score: number }) | null {
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

  let choice: (VadPlace & { readonly score: number }) | null = null;
  for (const vad of VAD_SHAPES) {
    const { score } = scoreOfShape(structures, vad, best.nodes);
    const vadRoot = best.offset - (vad.isRootInside ? vad.right : 0);
    if (score > (choice?.score ?? 0)) choice = { vadRoot, vad, score };
  }
  return choice;
}

/** Nodes, from the roots down, that the shape reads as what their tag says they are. */
function scoreOfShape(
  structures: Structures,
  vad: VadLayout,
  roots: readonly bigint[],
): { readonly score: number; readonly seen: number } {
  const pending = [...roots];
  const seen = new Set<bigint>();
  let score = 0;
  while (pending.length > 0 && seen.size < MOST_NODES) {
    const at = pending.shift() ?? 0n;
    if (seen.has(at)) continue;
    seen.add(at);
    const node = readNode(structures, vad, at);
    if (node === null) continue;
    const children = [node.left, node.right];
    const isShort = SHORT_TAGS.has(node.tag);
    const hasSection = isShort || isSubsection(structures, node.vad.subsection);
    const isClosed = children.every((child) => child === 0n || isKernelAddress(child));
    if (node.vad.isPrivate === isShort && isClosed && hasSection) score += 1;
    pending.push(...children.filter(isKernelAddress));
  }
  return { score, seen: seen.size };
}

/** A subsection begins with its control area, which begins with its segment, which begins with the control area. */
function isSubsection(structures: Structures, at: bigint): boolean {
  const area = isKernelAddress(at) ? structures.pointer(at) : 0n;
  return isKernelAddress(area) && structures.pointer(structures.pointer(area)) === area;
}
