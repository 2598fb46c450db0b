import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { WindowsHitTruth, WindowsOrphanTruth, WindowsTruth } from './truth.ts';

/** One place where a text stands, as the truth knows it: addresses of its first byte. */
export interface TextPlace {
  readonly form: 'ascii' | 'utf16';
  readonly physical: number;
  /** Null: no process maps it. */
  readonly hit: WindowsHitTruth | null;
  readonly orphan: WindowsOrphanTruth | null;
  readonly va: bigint | null;
}

/** Every place of `text` in the planted contents that are no near misses, each view of a shared page by itself. */
export function placesOf(truth: WindowsTruth, text: string): TextPlace[] {
  const needles = [
    { form: 'ascii' as const, bytes: Buffer.from(text) },
    { form: 'utf16' as const, bytes: Buffer.from(text, 'utf16le') },
  ];
  const frames = new Map(truth.pages.map(({ pid, va, frame }) => [`${pid} ${va >> 12n}`, frame]));
  return needles.flatMap(({ form, bytes: needle }) => [
    ...truth.hits
      .filter(({ isNearMiss }) => !isNearMiss)
      .flatMap((hit) =>
        offsetsOf(hit.bytes, needle).map((offset) => {
          const va = hit.va + BigInt(offset);
          const frame = frames.get(`${hit.pid} ${va >> 12n}`) ?? -1;
          const physical = frame * PAGE_BYTES + Number(va & 0xfffn);
          return { form, physical, hit, orphan: null, va };
        }),
      ),
    ...truth.orphans.flatMap((orphan) =>
      offsetsOf(orphan.bytes, needle).map((offset) => ({
        form,
        physical: orphan.physical + offset,
        hit: null,
        orphan,
        va: orphan.va === null ? null : orphan.va + BigInt(offset),
      })),
    ),
  ]);
}

function offsetsOf(bytes: Uint8Array, needle: Buffer): number[] {
  const hay = Buffer.from(bytes);
  const offsets: number[] = [];
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1)) offsets.push(at);
  return offsets;
}
