import { Ip2ProcessError } from '../errors.ts';
import { elfCore } from './elf-core.ts';
import { holdsText } from './fields.ts';
import { HEAD_BYTES, type ImageFormat } from './image-format.ts';
import { kdump } from './kdump.ts';
import { rearranged } from './flattened-records.ts';

/**
 * makedumpfile's flattened form, for pipes that cannot seek (also what QEMU writes): a header of 4096 bytes, then the writes to the
 * real file as records. It is read as that file through an index of the records, without rearranging it first.
 */
export const kdumpFlattened: ImageFormat = {
  name: 'kdump (flattened)',
  recognise: (head) => holdsText(head, 0, 'makedumpfile\0\0\0\0'),

  open(source) {
    const { file, warnings } = rearranged(source);
    const head = new Uint8Array(Math.min(HEAD_BYTES, file.size));
    file.read(0, head);
    const inner = [kdump, elfCore].find((format) => format.recognise(head));
    if (inner === undefined) {
      throw new Ip2ProcessError(
        'image',
        'Cannot use this makedumpfile stream: what it holds is neither a kdump file nor an ELF core',
      );
    }

    const opened = inner.open(file);
    return {
      format: inner === kdump ? kdumpFlattened.name : `${inner.name} (flattened)`,
      memory: {
        // Offsets are of the rearranged file, which does not exist.
        runs: opened.memory.runs.map((run) => ({ ...run, fileOffset: null })),
        read: (at, into) => opened.memory.read(at, into),
      },
      hints: opened.hints,
      warnings: [...warnings, ...opened.warnings],
    };
  },
};
