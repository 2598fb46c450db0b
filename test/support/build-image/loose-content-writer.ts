import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { FileTree } from './file-tree-writer.ts';
import type { LooseTruth } from './image-truth.ts';
import type { KernelObjects } from './kernel-objects.ts';
import type { LooseContent, MachineSpec } from './machine.ts';
import type { Ram } from './ram.ts';
import type { WrittenTask } from './task-writer.ts';

interface LooseTools {
  readonly objects: KernelObjects;
  readonly ram: Ram;
  readonly files: FileTree;
}

/** Content that no process maps: in caches, in the kernel, in frames that were given back. */
export function placeLoose(spec: MachineSpec, tools: LooseTools): LooseTruth[] {
  return spec.loose.map((content) => {
    if (content.bytes.length > PAGE_BYTES) {
      throw new Error(`Cannot place ${content.bytes.length} bytes: a page holds ${PAGE_BYTES}`);
    }
    const physical = place(content, tools);
    tools.ram.write(physical, content.bytes);
    return { ...content, physical, pid: null };
  });
}

function place({ where, bytes, path }: LooseContent, { objects, ram, files }: LooseTools): number {
  const { space } = objects;
  if (where === 'page-cache') return files.cache(path ?? '/unnamed', 0) * PAGE_BYTES;
  if (where === 'slab') return space.toPhysical(space.allocate(bytes.length));
  if (where === 'kernel-image') return space.toPhysical(space.rodata(bytes.length));
  const frame = ram.takeLonely();
  ram.books.set(frame, { kind: where });
  // Not at the start: a free frame's first bytes are the allocator's.
  return frame * PAGE_BYTES + Math.min(0x100, PAGE_BYTES - bytes.length);
}

/** TCP copies what a task sends into the task's page fragment, where it outlives the request. */
export function placeSent(
  { spec, leader }: WrittenTask,
  { objects, ram }: LooseTools,
): LooseTruth[] {
  if (spec.sent.length === 0) return [];
  const frame = ram.takeLonely();
  ram.books.set(frame, { kind: 'kernel' });
  let offset = 0x80;
  const truths = spec.sent.map((bytes): LooseTruth => {
    const physical = frame * PAGE_BYTES + offset;
    ram.write(physical, bytes);
    offset += bytes.length;
    return { where: 'sent', physical, bytes, path: null, pid: spec.options.pid };
  });
  leader
    .set('task_frag.page', objects.space.pageAddress(frame))
    .set('task_frag.offset', offset)
    .set('task_frag.size', PAGE_BYTES);
  return truths;
}
