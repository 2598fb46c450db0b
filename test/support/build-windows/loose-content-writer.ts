import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { KernelImage } from './kernel-image-writer.ts';
import type { WindowsLooseContent } from './machine.ts';
import type { Module } from './module-writer.ts';
import type { Sections } from './sections.ts';
import type { WindowsOrphanTruth } from './truth.ts';

/** Writes content that no process maps: free and cached pages, pool, drivers, the kernel's constants. */
export function writeLoose(
  image: KernelImage,
  sections: Sections,
  modules: ReadonlyMap<string, Module>,
  loose: readonly WindowsLooseContent[],
): WindowsOrphanTruth[] {
  return loose.map((content, index) => {
    const { bytes, form, where, detail } = content;
    const physical = placeOf(content, index, { image, sections, modules });
    image.kernel.world.ram.write(physical, bytes);
    return { where, physical, bytes, form, detail, pid: null, va: null };
  });
}

interface Parts {
  readonly image: KernelImage;
  readonly sections: Sections;
  readonly modules: ReadonlyMap<string, Module>;
}

function placeOf(content: WindowsLooseContent, index: number, parts: Parts): number {
  const { kernel } = parts.image;
  const { where, bytes, detail } = content;
  switch (where) {
    case 'free':
    case 'zeroed': {
      const frame = kernel.takeData();
      kernel.world.frames.write(frame, { location: where, pteAddress: 0n, pteFrame: 0 });
      return frame * PAGE_BYTES + 0x100;
    }
    case 'standby-file': {
      const path = detail ?? '\\Windows\\Temp\\cached.txt';
      const region = { start: 0n, pages: 4, kind: 'mapped', path, protection: 'readOnly' } as const;
      return parts.sections.of(region).resident(index % 4, false) * PAGE_BYTES + 0x100;
    }
    case 'pool':
      return kernel.physical(kernel.pool(detail ?? 'Even', bytes.length));
    case 'driver': {
      const module = parts.modules.get(detail ?? '');
      if (!module) throw new Error(`Cannot write into ${detail}: no such driver`);
      return kernel.physical(module.base + 0x1100n);
    }
    case 'kernel-image':
    default:
      return kernel.physical(parts.image.constant(index));
  }
}
