import { frameOf, virtual, type Frame, type VirtualAddress } from '../../memory/address.ts';
import { trustIn, type Agreement } from '../agreement.ts';
import { regionAt } from '../region.ts';
import { frameAgreement } from './frame-agreement.ts';
import type { Kernel } from './kernel.ts';
import type { LinuxProcess } from './processes.ts';
import type { Vma } from './vmas.ts';

/** Processes whose pages prove the check, and pages of each: the first and the last of some of its stretches. */
const SAMPLED_PROCESSES = 8;
const SAMPLED_VMAS = 24;

/**
 * Whether struct page confirms that a process maps a frame at an address. The check is tried on pages of several processes
 * first; where they do not pass it, nothing is checked, and a warning says so.
 *
 * @param map - address of the array of struct page
 * @param vmas - of a process
 */
export function agreementReader(
  kernel: Kernel,
  map: bigint,
  known: readonly LinuxProcess[],
  vmas: (one: LinuxProcess) => readonly Vma[],
): (one: LinuxProcess, address: VirtualAddress, frame: Frame) => Agreement {
  const check = frameAgreement(kernel, map);
  const sampled = known.filter(({ space }) => space !== null).slice(0, SAMPLED_PROCESSES);
  const trust = trustIn(sampled.map((one) => samplesOf(one, vmas(one), check)));
  if (trust === 'refused') {
    kernel.warn(
      "The kernel's descriptions of frames do not fit the page tables of most processes: mappings are not checked against them",
    );
  }
  if (trust !== 'trusted') return () => 'unchecked';
  return (one, address, frame) => {
    const vma = regionAt(vmas(one), address);
    return vma === null ? 'unchecked' : check(vma, address, frame);
  };
}

function samplesOf(
  { space }: LinuxProcess,
  vmas: readonly Vma[],
  check: ReturnType<typeof frameAgreement>,
): Agreement[] {
  return vmas.slice(0, SAMPLED_VMAS).flatMap((vma) =>
    [vma.start, vma.end - 4096n].flatMap((at) => {
      const found = space?.translate(virtual(at)) ?? null;
      return found === null ? [] : [check(vma, virtual(at), frameOf(found.physical))];
    }),
  );
}
