import { frameOf, virtual, type Frame, type VirtualAddress } from '../../memory/address.ts';
import { trustIn, type Agreement } from '../agreement.ts';
import { frameAgreement, type CheckedSpace, type FrameAgreement } from './frame-agreement.ts';
import { entryReader } from './frame-entries.ts';
import type { FrameDatabase } from './frame-database.ts';
import { selfMapOf } from './former-owner.ts';
import type { WindowsKernel } from './kernel.ts';

/** Processes whose pages prove the check, and what is looked at of each. */
const SAMPLED_PROCESSES = 8;
const SAMPLED_AREAS = 256;
const SAMPLED_PAGES = 2;
const SAMPLES_OF_PROCESS = 64;

const LOSSES = {
  'own entry': 'private memory',
  prototype: 'shared memory and files',
} as const satisfies Record<FrameAgreement['by'], string>;

/**
 * Whether the books of frames confirm that a process maps a frame at an address. Private pages and those of sections are
 * checked in different ways; each way is tried on pages of several processes first. One that most of them do not pass is
 * not used, and a warning says so.
 */
export function agreementReader(
  kernel: WindowsKernel,
  database: FrameDatabase | null,
  spaces: readonly CheckedSpace[],
): (where: CheckedSpace, address: VirtualAddress, frame: Frame) => Agreement {
  const selfMap = selfMapOf(kernel.space, kernel.memory);
  if (database === null || selfMap === null) return () => 'unchecked';
  const check = frameAgreement(selfMap, entryReader(kernel, database));
  const samples: FrameAgreement[][] = [];
  // One after the other: each tree of areas is read for it.
  for (const one of spaces) {
    if (samples.length === SAMPLED_PROCESSES) break;
    if (one.areas && one.areas.tree.vads.length > 0) samples.push(samplesOf(one, check));
  }
  const isTrusted = (by: FrameAgreement['by']): boolean => {
    const trust = trustIn(
      samples.map((pages) => pages.filter((page) => page.by === by).map((page) => page.agreement)),
    );
    if (trust === 'refused') {
      kernel.warn(
        `The kernel's books of page frames do not fit the page tables of most processes: mappings of ${LOSSES[by]} are not checked against them`,
      );
    }
    return trust === 'trusted';
  };
  const trusted = { 'own entry': isTrusted('own entry'), prototype: isTrusted('prototype') };
  return (where, address, frame) => {
    const { by, agreement } = check(where, address, frame);
    return trusted[by] ? agreement : 'unchecked';
  };
}

/** The first pages of its areas. */
function samplesOf(
  where: CheckedSpace,
  check: ReturnType<typeof frameAgreement>,
): FrameAgreement[] {
  const samples: FrameAgreement[] = [];
  for (const { start, end } of where.areas?.tree.vads.slice(0, SAMPLED_AREAS) ?? []) {
    for (let page = start; page <= Math.min(end, start + SAMPLED_PAGES - 1); page += 1) {
      const address = virtual(BigInt(page) << 12n);
      const found = where.space.translate(address);
      if (found !== null) samples.push(check(where, address, frameOf(found.physical)));
      if (samples.length >= SAMPLES_OF_PROCESS) return samples;
    }
  }
  return samples;
}
