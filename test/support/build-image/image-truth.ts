import type { SocketTruth } from '../socket-truth.ts';

/** What is true about a built machine, in plain data. Physical addresses are offsets into the image. */
export interface ImageTruth {
  readonly texts: readonly TextTruth[];
  readonly loose: readonly LooseTruth[];
  readonly processes: readonly ProcessTruth[];
  readonly pages: readonly PageTruth[];
  readonly regions: readonly RegionTruth[];
  readonly sockets: readonly SocketTruth[];
}

/** One view of planted content: a page that two processes share gives two of them. */
export interface TextTruth {
  readonly pid: number;
  readonly va: bigint;
  readonly physical: number;
  readonly bytes: Uint8Array;
  /** It runs into a page whose frame is elsewhere. */
  readonly straddles: boolean;
}

/** Planted content outside every process. */
export interface LooseTruth {
  readonly where: 'page-cache' | 'free' | 'buddy' | 'slab' | 'kernel-image' | 'sent';
  readonly physical: number;
  readonly bytes: Uint8Array;
  readonly path: string | null;
  /** Whose page fragment it is in, for what was sent. */
  readonly pid: number | null;
}

export interface ProcessTruth {
  readonly pid: number;
  readonly parentPid: number;
  readonly name: string;
  readonly uid: number;
  readonly exe: string | null;
  readonly commandLine: string | null;
  readonly startTime: Date;
  readonly threads: number;
  readonly isKernelThread: boolean;
  readonly isHidden: boolean;
  readonly isZombie: boolean;
  /** task_struct of the leader. */
  readonly object: bigint;
  /** Physical address of the top table; null without an address space. */
  readonly pageTable: number | null;
}

export interface PageTruth {
  readonly pid: number;
  readonly va: bigint;
  readonly frame: number;
  /** Of the leaf it is mapped by: 4 KiB pages of a 2 MiB mapping stand here one by one. */
  readonly pageBytes: number;
  readonly state: 'valid' | 'protected';
  readonly isWritable: boolean;
  readonly isExecutable: boolean;
}

export interface RegionTruth {
  readonly pid: number;
  readonly start: bigint;
  /** Exclusive. */
  readonly end: bigint;
  readonly kind: 'heap' | 'stack' | 'anon' | 'file' | 'shm' | 'vdso';
  readonly path: string | null;
  readonly perms: string;
}

/** A stretch of planted content that lies in one frame. */
export interface Piece {
  readonly physical: number;
  readonly length: number;
}

export interface Planted {
  readonly bytes: Uint8Array;
  readonly pieces: readonly Piece[];
}

/** Every view that some process has of the planted contents: all its pieces, in virtual order. */
export function viewsOf(planted: readonly Planted[], pages: readonly PageTruth[]): TextTruth[] {
  const byFrame = new Map<number, PageTruth[]>();
  for (const page of pages) byFrame.set(page.frame, [...(byFrame.get(page.frame) ?? []), page]);
  const frames = new Map(pages.map((page) => [`${page.pid} ${page.va >> 12n}`, page.frame]));
  const seen = new Set<string>();
  return planted.flatMap(({ bytes, pieces }) => {
    const [first, ...rest] = pieces;
    if (!first) return [];
    const views: TextTruth[] = [];
    for (const { pid, va: start } of byFrame.get(first.physical >> 12) ?? []) {
      const va = start + BigInt(first.physical & 0xfff);
      const runsOn = rest.every(
        ({ physical }, index) =>
          frames.get(`${pid} ${(va >> 12n) + BigInt(index + 1)}`) === physical >> 12,
      );
      const key = `${pid} ${va} ${bytes.length}`;
      if (!runsOn || seen.has(key)) continue;
      seen.add(key);
      const straddles = rest.some(
        ({ physical }, index) => physical >> 12 !== (first.physical >> 12) + index + 1,
      );
      views.push({ pid, va, physical: first.physical, bytes, straddles });
    }
    return views;
  });
}
