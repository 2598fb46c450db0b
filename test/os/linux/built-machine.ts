import { frameOf, physical } from '../../../src/memory/address.ts';
import type { PhysicalMemory } from '../../../src/memory/physical-memory.ts';
import { openKernel, type Kernel, type LinuxHints } from '../../../src/os/linux/kernel.ts';
import { openLinux } from '../../../src/os/linux/linux.ts';
import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import type { BuiltImage } from '../../support/build-image.ts';
import { findAnchors } from './find-anchors.ts';

/** The built machine as `openLinux` sees it. Fails where it sees none. */
export function openBuilt(image: BuiltImage, hints: LinuxHints = {}): OperatingSystem {
  const system = openLinux(image.memory, findAnchors(image.memory), hints);
  if (system === null) throw new Error('the built machine was not seen as Linux');
  return system;
}

export function kernelOf(image: BuiltImage, hints: LinuxHints = {}): Kernel {
  const kernel = openKernel(image.memory, findAnchors(image.memory), hints);
  if (kernel === null) throw new Error('the built machine was not seen as Linux');
  return kernel;
}

/** The same memory with some bytes replaced: by physical address. */
export function patched(
  memory: PhysicalMemory,
  patches: readonly (readonly [at: number, bytes: Uint8Array])[],
): PhysicalMemory {
  return {
    runs: memory.runs,
    read(at, into) {
      const held = memory.read(at, into);
      for (const [start, bytes] of patches) {
        const from = Math.max(start, at);
        const to = Math.min(start + bytes.length, at + held);
        if (from < to) into.set(bytes.subarray(from - start, to - start), from - at);
      }
      return held;
    },
  };
}

/** 8 bytes, little-endian. */
export const word = (value: bigint): Uint8Array =>
  new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer);

export const frameAt = (address: number) => frameOf(physical(address));
