import type { Frame } from '../../memory/address.ts';
import type { PageState, PageStateKind } from '../page-state.ts';
import type { FrameDatabase } from './frame-database.ts';
import { entryReader } from './frame-entries.ts';
import { formerOwnerReader, selfMapOf, type FrameEntry } from './former-owner.ts';
import type { WindowsKernel } from './kernel.ts';
import type { KernelModule } from './modules.ts';
import { poolTagAt } from './pool-blocks.ts';
import { isKernelAddress } from './process-header.ts';
import type { WindowsProcess } from './process-reader.ts';
import { originOf, type SectionOrigin } from './section-files.ts';

/** MMPFN.u3.e1.PageLocation: the list that a frame is in. */
const LOCATIONS = [
  'zeroed',
  'free',
  'standby',
  'modified',
  'modified-no-write',
  'bad',
  'active',
  'transition',
] as const;
type Location = (typeof LOCATIONS)[number];

const KINDS: Readonly<Record<Location, PageStateKind>> = {
  zeroed: 'free',
  free: 'free',
  standby: 'standby',
  modified: 'modified',
  'modified-no-write': 'modified',
  bad: 'kernel',
  active: 'mapped',
  transition: 'transition',
};
/** MMPTE_SUBSECTION: bit 10 without bit 0. */
const PROTOTYPE = 1n << 10n;
const SWIZZLE = 1n << 4n;

export interface PageSources {
  readonly database: FrameDatabase | null;
  /** Frames of the kernel's own program files: tables are walked for them. */
  readonly modules: () => ReadonlyMap<number, KernelModule>;
  readonly processes: readonly WindowsProcess[];
}

/** Reads what the kernel's books say about a frame, and about a place in it where that tells more. */
export function pageStates(
  kernel: WindowsKernel,
  { database, modules, processes }: PageSources,
): (frame: Frame, offset: number) => PageState {
  const selfMap = selfMapOf(kernel.space, kernel.memory);
  const entryOf = entryReader(kernel, database);
  const formerOwner = formerOwnerReader(selfMap, entryOf, processes);

  const fileState = (location: Location, { originalPte }: FrameEntry): PageState => {
    const origin = subsectionOrigin(originalPte);
    const detail = origin === null ? null : (origin.name ?? 'shared memory');
    const kind = location === 'active' ? 'page-cache' : KINDS[location];
    return { kind, detail };
  };

  const kernelState = (frame: Frame, offset: number): PageState => {
    const tag = poolTagAt(kernel.memory, frame, offset);
    return state('kernel', tag === null ? null : `pool block "${tag}"`);
  };

  return (frame, offset) => {
    const entry = entryOf(frame);
    const location = LOCATIONS[entry?.location ?? NaN] ?? 'bad';
    const place = entry && selfMap ? selfMap.placeOf(entry.pteAddress) : null;
    // Most hits lie in such pages, and no module's.
    if (location === 'active' && place === 'user') return state('anonymous');
    const module = modules().get(frame);
    if (module !== undefined) return state('kernel', module.name);
    if (entry === null) return state('unknown');
    if (location === 'bad') return state('kernel', 'taken out of use');
    const isLoose = location === 'zeroed' || location === 'free';
    if (isShared(entry, place) && !isLoose) return fileState(location, entry);

    if (location === 'active') {
      return place === 'table' ? state('page-table') : kernelState(frame, offset);
    }
    const owner = place === 'user' ? formerOwner(frame) : null;
    const detail =
      owner === null ? null : `former owner: ${owner.process.name} (PID ${owner.process.pid})`;
    return state(KINDS[location], detail ?? (location === 'zeroed' ? 'zeroed' : null));
  };

  /** What the frame's entry is in tells more than the flag, whose bit has moved between versions. */
  function isShared({ pteAddress, isPrototype }: FrameEntry, place: string | null): boolean {
    return selfMap === null ? isPrototype : place === null && isKernelAddress(pteAddress);
  }

  function subsectionOrigin(pte: bigint): SectionOrigin | null {
    if ((pte & PROTOTYPE) === 0n) return null;
    const plain = (pte & SWIZZLE) === 0n ? pte & ~(BigInt(kernel.invalidMaskHigh) << 32n) : pte;
    for (const value of [plain, pte]) {
      const origin = originOf(kernel, BigInt.asUintN(64, BigInt.asIntN(48, value >> 16n)));
      if (origin !== null) return origin;
    }
    return null;
  }
}

const state = (kind: PageStateKind, detail: string | null = null): PageState => ({ kind, detail });
