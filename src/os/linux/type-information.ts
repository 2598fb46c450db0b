import type { PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import { BTF_HEADER_BYTES, Btf, btfLength } from './btf.ts';

/** All candidates together. A kernel has 3 to 12 MiB; hundreds of modules and BPF programs have little ones. */
const MAX_COPIED_BYTES = 2 ** 29;

/**
 * The kernels' type information that stands whole at one of `candidates`. Broken copies are usual: the loader of a
 * compressed kernel leaves one behind, cut off or overwritten, and often at a lower address than the true one.
 */
export function* typeInformation(
  memory: PhysicalMemory,
  candidates: readonly PhysicalAddress[],
): Generator<Btf> {
  let copied = 0;
  for (const candidate of candidates) {
    const header = new Uint8Array(BTF_HEADER_BYTES);
    if (memory.read(candidate, header) < header.length) continue;
    const length = btfLength(new DataView(header.buffer));
    if (length === null) continue;
    copied += length;
    if (copied > MAX_COPIED_BYTES) return;
    const bytes = new Uint8Array(length);
    if (memory.read(candidate, bytes) < length) continue;
    const btf = Btf.parse(bytes);
    if (btf?.has('task_struct') === true && btf.has('mm_struct')) yield btf;
  }
}
