import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { AddressSpaceWriter } from './address-space-writer.ts';
import type { KernelImage } from './kernel-image-writer.ts';
import type { KernelSpace } from './kernel-space.ts';
import { isOver } from './machine.ts';
import type { ObjectWriter } from './object-writer.ts';
import { VOLUME } from './process-plan.ts';
import { ProcessWriter, SYSTEM_SID, parentPid } from './process-writer.ts';
import { writeThreads } from './thread-writer.ts';
import type { WindowsProcessTruth } from './truth.ts';
import { writeVads } from './vad-writer.ts';

export interface WrittenProcess {
  readonly writer: AddressSpaceWriter;
  readonly truth: WindowsProcessTruth;
}

/** Writes the object of each process with its threads and regions; what is true about it. */
export function writeProcesses(parts: {
  readonly image: KernelImage;
  readonly objects: ObjectWriter;
  readonly writers: readonly AddressSpaceWriter[];
  readonly boot: Date;
  readonly isShadowed: boolean;
}): WrittenProcess[] {
  const { image, objects, writers, boot, isShadowed } = parts;
  const { kernel } = image;
  const writer = new ProcessWriter(kernel, objects);
  const sessions = new Sessions(kernel);
  return writers.map((one, index) => {
    const { plan, space } = one;
    const { options, name } = plan.spec;
    const hasUserMode = plan.blocks !== null;
    const session = hasUserMode ? (options.session === undefined ? 1 : options.session) : null;
    const createTime = options.createTime ?? new Date(boot.getTime() + (index + 1) * 1000);
    const shadowsUser = hasUserMode && session !== 0 && !isOver(options);
    const object = writer.write({
      plan,
      root: space.tables.root,
      shadowRoot: isShadowed ? (shadowsUser ? shadowTable(kernel, one) : 0) : null,
      createTime,
      session: session === null ? null : sessions.join(session, one),
    });
    writeThreads(kernel, objects, object, plan);
    if (options.terminated === true) objects.setType(object, DELETED_TYPE);
    if (!isOver(options)) writeVads(kernel, object, one.regions);
    const truth: WindowsProcessTruth = {
      pid: options.pid,
      parentPid: parentPid(plan),
      name: name.slice(0, 14),
      path: plan.path === null || options.terminated === true ? null : VOLUME + plan.path.slice(2),
      commandLine: isOver(options) || options.peb === 'paged-out' ? null : plan.commandLine,
      createTime,
      exitTime: isOver(options) ? (options.exitTime ?? null) : null,
      session,
      sid: options.sid ?? SYSTEM_SID,
      threads: plan.threads,
      isWow64: options.wow64 ?? false,
      isHidden: options.hidden ?? false,
      isTerminated: isOver(options),
      isListed: options.hidden !== true && options.terminated !== true,
      object,
      physical: kernel.physical(object),
      pageTable: space.tables.root,
    };
    return { writer: one, truth };
  });
}

/** Joins processes in the kernel's list and writes Idle; Idle's address. */
export function linkProcesses(
  image: KernelImage,
  objects: ObjectWriter,
  processes: readonly WrittenProcess[],
): bigint {
  const { kernel } = image;
  const links = BigInt(kernel.layout.at('EPROCESS.ActiveProcessLinks'));
  const listed = processes.filter(({ truth }) => truth.isListed);
  kernel.ring([
    image.at('PsActiveProcessHead'),
    ...listed.map(({ truth }) => truth.object + links),
  ]);
  const system = processes.find(({ truth }) => truth.pid === 4);
  if (system) kernel.number(image.at('PsInitialSystemProcess'), system.truth.object);
  return new ProcessWriter(kernel, objects).writeIdle(image, kernel.tables.root);
}

/** Index of the type that a deleted object has (since Windows 10 seen on ended processes). */
const DELETED_TYPE = 1;

/** The top table that the process runs user mode on: the user half as in its own, of the kernel's half a stub. */
function shadowTable(kernel: KernelSpace, { space }: AddressSpaceWriter): number {
  const { ram, frames } = kernel.world;
  const frame = ram.take();
  for (let index = 0; index < 256; index += 1) {
    ram.setU64(frame * PAGE_BYTES + index * 8, space.tables.top(index) & ~(1n << 63n));
  }
  const imageIndex = Number((kernel.addresses.image >> 39n) & 511n);
  ram.setU64(frame * PAGE_BYTES + imageIndex * 8, kernel.tables.top(imageIndex));
  frames.write(frame, { location: 'active', pteAddress: 0n, pteFrame: 0 });
  return frame * PAGE_BYTES;
}

/** Sessions: an object each, and a slot of the top table that its processes share. */
class Sessions {
  readonly #kernel: KernelSpace;
  readonly #known = new Map<number, { readonly object: bigint; readonly entry: bigint }>();

  constructor(kernel: KernelSpace) {
    this.#kernel = kernel;
  }

  /** MM_SESSION_SPACE. */
  join(session: number, { space }: AddressSpaceWriter): bigint {
    const index = Number((this.#kernel.addresses.sessionSpace >> 39n) & 511n);
    let known = this.#known.get(session);
    if (!known) {
      space.tables.prepare(this.#kernel.addresses.sessionSpace);
      const object = this.#kernel.pages(1);
      this.#kernel.field(object, 'MM_SESSION_SPACE.SessionId', session, 4);
      known = { object, entry: space.tables.top(index) };
      this.#known.set(session, known);
    }
    space.tables.setTop(index, known.entry);
    return known.object;
  }
}
