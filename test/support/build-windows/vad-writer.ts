import { PROTECTION } from './entry-format.ts';
import type { KernelSpace } from './kernel-space.ts';
import type { WindowsRegionSpec } from './machine.ts';
import type { Section } from './sections.ts';

/** A region and the section behind it; null for private memory. */
export interface VadRegion extends WindowsRegionSpec {
  readonly section: Section | null;
  readonly isLarge: boolean;
}

/** Writes a process' tree of regions (VADs) and its root into the EPROCESS. */
export function writeVads(
  kernel: KernelSpace,
  process: bigint,
  regions: readonly VadRegion[],
): void {
  const { layout } = kernel;
  const rootAt = process + BigInt(layout.at('EPROCESS.VadRoot'));
  const nodes = regions
    .toSorted((a, b) => Number(a.start - b.start))
    .map((region) => ({ region, at: writeNode(kernel, process, region) }));
  const isSeven = layout.build < 9200;
  const links = isSeven
    ? { left: 8n, right: 16n, parent: 0n }
    : { left: 0n, right: 8n, parent: 16n };

  // A balanced tree: the middle of each stretch above its halves.
  const join = (from: number, to: number, parent: bigint): { at: bigint; height: number } => {
    const middle = (from + to) >> 1;
    const node = nodes[middle];
    if (from >= to || !node) return { at: 0n, height: 0 };
    const left = join(from, middle, node.at);
    const right = join(middle + 1, to, node.at);
    // Balance: 0 even, 1 right higher, 3 left higher.
    const balance = right.height > left.height ? 1n : left.height > right.height ? 3n : 0n;
    kernel.number(node.at + links.left, left.at);
    kernel.number(node.at + links.right, right.at);
    kernel.number(node.at + links.parent, parent | balance);
    return { at: node.at, height: Math.max(left.height, right.height) + 1 };
  };
  // Windows 7's root is a node itself, in the EPROCESS; the tree hangs on its right.
  const { at: top } = join(0, nodes.length, isSeven ? rootAt : 0n);
  if (isSeven) {
    kernel.number(rootAt, rootAt);
    kernel.number(rootAt + 16n, top);
    kernel.number(rootAt + 0x28n, BigInt(nodes.length) << 8n);
    return;
  }
  kernel.number(rootAt, top);
  kernel.field(process, 'EPROCESS.VadHint', top);
  kernel.field(process, 'EPROCESS.VadCount', nodes.length);
}

function writeNode(kernel: KernelSpace, process: bigint, region: VadRegion): bigint {
  const { layout } = kernel;
  const { section, pages } = region;
  const at = kernel.pool(
    section ? 'Vad ' : 'VadS',
    layout.sizeOf(section ? 'MMVAD' : 'MMVAD_SHORT'),
  );
  const first = region.start >> 12n;
  const last = first + BigInt(pages - 1);
  if (layout.has('MMVAD_SHORT.StartingVpnHigh')) {
    kernel.field(at, 'MMVAD_SHORT.StartingVpn', first & 0xffff_ffffn, 4);
    kernel.field(at, 'MMVAD_SHORT.EndingVpn', last & 0xffff_ffffn, 4);
    kernel.field(at, 'MMVAD_SHORT.StartingVpnHigh', (first >> 32n) & 0xffn, 1);
    kernel.field(at, 'MMVAD_SHORT.EndingVpnHigh', (last >> 32n) & 0xffn, 1);
  } else {
    kernel.field(at, 'MMVAD_SHORT.StartingVpn', first);
    kernel.field(at, 'MMVAD_SHORT.EndingVpn', last);
  }
  writeFlags(kernel, at, region);
  if (!section) return at;
  kernel.field(at, 'MMVAD.Subsection', section.subsection);
  kernel.field(at, 'MMVAD.FirstPrototypePte', section.entryAddress(0));
  kernel.field(at, 'MMVAD.LastContiguousPte', section.entryAddress(pages - 1));
  // Low bit: VadsProcess shares its word with flags.
  if (layout.has('MMVAD.VadsProcess')) kernel.field(at, 'MMVAD.VadsProcess', process | 1n);
  return at;
}

function writeFlags(kernel: KernelSpace, at: bigint, region: VadRegion): void {
  const { layout } = kernel;
  const { section, pages, protection, kind, isLarge } = region;
  const put = (name: string, value: number): bigint => {
    const bits = layout.bits(`MMVAD_FLAGS.${name}`);
    return bits ? BigInt(value) << BigInt(bits[0]) : 0n;
  };
  const type = kind === 'image' ? IMAGE_MAP : isLarge ? LARGE_PAGES : 0;
  const code = kind === 'image' ? PROTECTION.executeWriteCopy : PROTECTION[protection];
  const commit = section ? 0 : pages;
  const flags =
    put('VadType', type) |
    put('Protection', code) |
    put('PrivateMemory', section ? 0 : 1) |
    put('CommitCharge', commit) |
    put('MemCommit', commit > 0 ? 1 : 0);
  const hasOwnWord = layout.bits('MMVAD_FLAGS.CommitCharge') !== null;
  kernel.field(at, 'MMVAD_SHORT.u', flags, hasOwnWord ? 8 : 4);
  if (layout.has('MMVAD_SHORT.CommitCharge') && layout.build >= 26100) {
    kernel.field(at, 'MMVAD_SHORT.CommitCharge', commit, 4);
  } else if (!hasOwnWord) {
    kernel.field(at, 'MMVAD_SHORT.u1', commit + (commit > 0 ? 0x8000_0000 : 0), 4);
  }
}

/** MI_VAD_TYPE. */
const IMAGE_MAP = 2;
const LARGE_PAGES = 5;
