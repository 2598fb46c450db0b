import { Ip2ProcessError } from '../../errors.ts';
import type { PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import type { AnchorHit } from '../../scan/anchor.ts';
import type { AddressSpace } from '../../translate/address-space.ts';
import { PageCache } from '../../translate/page-cache.ts';
import { Structures } from '../structures.ts';
import { KERNEL_NAME_ANCHOR, PROCESS_PROBE, TOP_TABLE_PROBE } from './anchors.ts';
import { buildOfVersion, chooseLayout } from './choose-layout.ts';
import { findKernelSpace, isAtHome } from './kernel-space.ts';
import type { WindowsLayout } from './offsets/layout.ts';
import { headerAt, type ProcessHeader } from './process-header.ts';
import { readSharedData, type SharedData } from './shared-data.ts';

/** What an image format may tell beside the memory itself. Checked, never needed. */
export interface WindowsHints {
  /** Roots of page tables: DirectoryTableBase of a crash dump, CR3 of each processor. */
  readonly tables?: readonly PhysicalAddress[];
}

/** A Windows kernel: its structures can be read. */
export interface WindowsKernel {
  /** Shared by all address spaces of the image. */
  readonly memory: PageCache;
  readonly space: AddressSpace;
  /** Address bits that this machine sets in entries that are not valid, as `windowsRules` takes them. */
  readonly invalidMaskHigh: number;
  readonly structures: Structures;
  readonly layout: WindowsLayout;
  /** Process objects that stand where the kernel's tables lead to by their own address, found without any list. */
  readonly headers: readonly ProcessHeader[];
  /** Null: the page is not in the image. */
  readonly shared: SharedData | null;
  /** Notes what could not be read, and what that means for the answer: one sentence. */
  warn(sentence: string): void;
  readonly warnings: readonly string[];
}

/** A damaged image could have one warning per process. */
const MAX_WARNINGS = 100;

/**
 * The Windows kernel of the image, or null where nothing speaks of Windows x64. Throws where it is Windows, but its
 * processes cannot be read.
 *
 * @param layouts - of known kernels; what matches none of them is derived from the image
 */
export function openKernel(
  image: PhysicalMemory,
  anchors: readonly AnchorHit[],
  hints: WindowsHints,
  layouts: readonly WindowsLayout[],
): WindowsKernel | null {
  const memory = image instanceof PageCache ? image : new PageCache(image);
  const candidates = anchors
    .filter(({ name }) => name === PROCESS_PROBE)
    .map(({ address }) => headerAt(memory, address))
    .filter((header) => header !== null);
  const names = anchors.filter(({ name }) => name === KERNEL_NAME_ANCHOR).length;
  if (candidates.length === 0) {
    if (names === 0) return null;
    throw new Ip2ProcessError(
      'analysis',
      `Cannot list processes: the image names a Windows kernel ${names} times, but holds no process object of x64 Windows 7 to 11`,
    );
  }

  const topTables = anchors
    .filter(({ name }) => name === TOP_TABLE_PROBE)
    .map(({ address }) => address);
  const found = findKernelSpace(memory, candidates, hints.tables ?? [], topTables);
  if (found === null) {
    if (names === 0) return null;
    throw new Ip2ProcessError(
      'analysis',
      `Cannot list processes: ${candidates.length} places look like Windows process objects, but no page table in this image leads to one of them`,
    );
  }
  const { space, invalidMaskHigh } = found;
  const structures = new Structures(space);
  const shared = readSharedData(space);
  const headers = inOrder(
    candidates.filter((header) => isAtHome(space, header)),
    space.root,
  );
  const choice = chooseLayout(structures, layouts, headers, shared);
  if (choice === null) {
    throw new Ip2ProcessError(
      'analysis',
      `Cannot list processes: ${headers.length} Windows process objects were found, but neither a known layout of them fits (build ${shared?.build ?? (shared && buildOfVersion(shared)) ?? 'unknown'}) nor one derived from the image`,
    );
  }

  const warnings: string[] = [];
  const warn = (sentence: string): void => {
    if (warnings.length < MAX_WARNINGS && !warnings.includes(sentence)) warnings.push(sentence);
  };
  if (choice.layout.builds.length === 0) {
    warn(
      `This build of Windows is not in the table of known ones: the layout of its structures was derived from the image (${Math.round(choice.score * 100)} % of the checks on processes hold)`,
    );
  }
  if (shared === null) {
    warn(
      'The page that Windows shares with all processes is not in the image: version and time of capture are unknown',
    );
  }
  return {
    memory,
    space,
    invalidMaskHigh,
    structures,
    layout: choice.layout,
    headers,
    shared,
    warn,
    warnings,
  };
}

/** The best judges of a layout first: System and Idle, who share the kernel's table, then the living. */
function inOrder(headers: readonly ProcessHeader[], root: PhysicalAddress): ProcessHeader[] {
  const rank = ({ table, hasEnded }: ProcessHeader): number =>
    table === root ? 0 : hasEnded ? 2 : 1;
  return headers.toSorted((one, other) => rank(one) - rank(other) || one.physical - other.physical);
}
