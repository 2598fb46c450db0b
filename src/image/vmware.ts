import { Ip2ProcessError } from '../errors.ts';
import { PAGE_BYTES } from '../memory/address.ts';
import type { ByteSource } from '../memory/byte-source.ts';
import { claimedRuns } from './claimed-runs.ts';
import type { ImageFormat, ImageMemory } from './image-format.ts';
import { storedMemory, type StoredRun } from './stored-memory.ts';
import { isVmwareState, vmwareState } from './vmware-state.ts';

/** A snapshot that holds the memory in the state file itself (.vmsn of older products). */
export const vmwareSnapshot: ImageFormat = {
  name: 'VMware snapshot',
  recognise: isVmwareState,

  open(source) {
    const state = vmwareState(source);
    if (state.memory === null) {
      throw new Ip2ProcessError(
        'image',
        'Cannot use this VMware state file alone: the memory is in the .vmem file beside it; give that one, and leave both in one folder',
      );
    }
    const { fileOffset, length } = state.memory;
    const claims =
      state.regions.length === 0
        ? [{ start: 0, length, fileOffset }]
        : state.regions.map((region) => claimOf(region, fileOffset));
    const { runs, warnings } = claimedRuns(claims, Math.min(source.size, fileOffset + length));
    return {
      format: vmwareSnapshot.name,
      memory: storedMemory(runs, source),
      hints: { vmcoreinfo: null, cr3: state.cr3 },
      warnings,
    };
  },
};

/** A .vmem whose state file says where its pages belong: above 3 GiB the file's offsets are no addresses. */
export function vmwareMemory(
  vmem: ByteSource,
  stateFile: ByteSource,
): ImageMemory & { readonly layout: readonly StoredRun[] } {
  const { regions, cr3 } = vmwareState(stateFile);
  const claims =
    regions.length === 0
      ? [{ start: 0, length: vmem.size, fileOffset: 0 }]
      : regions.map((region) => claimOf(region, 0));
  const { runs, warnings } = claimedRuns(claims, vmem.size);
  return {
    format: 'VMware .vmem with its state file',
    memory: storedMemory(runs, vmem),
    hints: { vmcoreinfo: null, cr3 },
    warnings,
    layout: runs,
  };
}

const claimOf = (
  region: { readonly filePage: number; readonly page: number; readonly pages: number },
  fileOffset: number,
) => ({
  start: region.page * PAGE_BYTES,
  length: region.pages * PAGE_BYTES,
  fileOffset: fileOffset + region.filePage * PAGE_BYTES,
});
