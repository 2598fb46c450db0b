import { PAGE_BYTES, physical } from '../memory/address.ts';
import { NO_HINTS, type ImageFormat } from './image-format.ts';
import { storedMemory } from './stored-memory.ts';

/** Less is no machine's memory: the smallest real image of any format has tens of MiB. */
export const RAW_MIN_BYTES = 2 ** 20;

/**
 * Raw memory image (dd, winpmem, FTK .mem, LiME "padded", QEMU pmemsave, VMware .vmem up to 3 GiB): the offset in the file is
 * the physical address. Device holes are padded by whoever made it. There is no signature: what has another format's
 * signature, or none and reads as text, must be ruled out before.
 */
export const raw: ImageFormat = {
  name: 'raw',
  recognise: () => true,

  open(source) {
    const rest = source.size % PAGE_BYTES;
    const warnings =
      rest === 0
        ? []
        : [
            `The raw image is not a whole number of 4096-byte pages: ${rest} bytes are left over, so it is truncated or has a foreign header (then every address is shifted)`,
          ];
    const runs = [{ start: physical(0), length: source.size, fileOffset: 0 }];
    return { format: raw.name, memory: storedMemory(runs, source), hints: NO_HINTS, warnings };
  },
};
