import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { AddressSpaceWriter } from './address-space-writer.ts';
import { type ContentForm, isOver } from './machine.ts';
import type {
  WindowsHitTruth,
  WindowsOrphanTruth,
  WindowsPageTruth,
  WindowsRegionTruth,
} from './truth.ts';
import { pageOf } from './virtual-memory.ts';

interface Planted {
  readonly bytes: Uint8Array;
  readonly form: ContentForm;
  readonly isNearMiss: boolean;
  /** Frames of the pages that it runs through, and where it begins in the first. */
  readonly frames: readonly number[];
  readonly offset: number;
  readonly writer: AddressSpaceWriter;
  readonly va: bigint;
}

export interface SpaceTruth {
  readonly hits: WindowsHitTruth[];
  readonly former: WindowsOrphanTruth[];
  readonly pages: WindowsPageTruth[];
  readonly regions: WindowsRegionTruth[];
}

/** What is true about the address spaces: every view that some process has of the planted contents. */
export function spaceTruth(writers: readonly AddressSpaceWriter[]): SpaceTruth {
  const alive = writers.filter(({ plan }) => !isOver(plan.spec.options));
  const planted = writers.flatMap(plantedIn);
  const views = new Map<number, { writer: AddressSpaceWriter; page: WindowsPageTruth }[]>();
  const pages = alive.flatMap((writer) =>
    writer.space.pages.map((page) => ({ ...page, pid: writer.plan.spec.options.pid })),
  );
  const firsts = new Set(planted.map(({ frames }) => frames[0]));
  for (const writer of alive) {
    for (const page of writer.space.pages) {
      if (!firsts.has(page.frame)) continue;
      const known = views.get(page.frame) ?? [];
      known.push({ writer, page: { ...page, pid: writer.plan.spec.options.pid } });
      views.set(page.frame, known);
    }
  }
  const seen = new Set<string>();
  const hits = planted.flatMap(({ bytes, form, isNearMiss, frames, offset }) =>
    (views.get(frames[0] ?? -1) ?? []).flatMap(({ writer, page }): WindowsHitTruth[] => {
      const runsOn = frames.every(
        (frame, index) => writer.space.frames.get(pageOf(page.va) + index) === frame,
      );
      const va = page.va + BigInt(offset);
      const key = `${page.pid} ${va} ${bytes.length}`;
      if (!runsOn || seen.has(key)) return [];
      seen.add(key);
      const region = writer.regions.find(
        ({ start, pages: count }) => va >= start && va < start + BigInt(count * PAGE_BYTES),
      );
      return [
        {
          pid: page.pid,
          va,
          physical: page.frame * PAGE_BYTES + offset,
          bytes,
          form,
          state: page.state,
          isNearMiss,
          straddles: frames.some((frame, index) => frame !== (frames[0] ?? 0) + index),
          region: region?.kind ?? 'private',
        },
      ];
    }),
  );
  const former = planted
    .filter(({ writer, frames }) => !alive.includes(writer) && !views.has(frames[0] ?? -1))
    .map(({ writer, va, frames, offset, bytes, form }) => ({
      where: 'former' as const,
      physical: (frames[0] ?? 0) * PAGE_BYTES + offset,
      bytes,
      form,
      detail: null,
      pid: writer.plan.spec.options.pid,
      va,
    }));
  return { hits, former, pages, regions: alive.flatMap(regionsOf) };
}

const plantedIn = (writer: AddressSpaceWriter): Planted[] =>
  writer.plan.spec.writes.map(({ address, bytes, form, isNearMiss }) => {
    const first = pageOf(address);
    const last = pageOf(address + BigInt(bytes.length - 1));
    const frames = Array.from(
      { length: last - first + 1 },
      (_, index) => writer.space.frames.get(first + index) ?? -1,
    );
    return {
      bytes,
      form,
      isNearMiss,
      frames,
      offset: Number(address & 0xfffn),
      writer,
      va: address,
    };
  });

const regionsOf = ({ plan, regions }: AddressSpaceWriter): WindowsRegionTruth[] =>
  regions.map(({ start, pages, kind, path, protection }) => ({
    pid: plan.spec.options.pid,
    start,
    end: start + BigInt(pages * PAGE_BYTES),
    kind,
    path,
    protection,
  }));
