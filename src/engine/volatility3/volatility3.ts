import {
  type Frame,
  frame as frameNumber,
  PAGE_BYTES,
  physical,
  virtual,
  type VirtualAddress,
  virtualPage,
  virtualPageOf,
  virtualPageStart,
} from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import type { Process } from '../../os/process.ts';
import { type Region, regionAt } from '../../os/region.ts';
import type { Mapping } from '../../translate/mapping.ts';
import type { Engine, FrameQuestion, FrameOwners, Seam } from '../engine.ts';
import type { Volatility3Knowledge } from './ask.ts';
import type { PageMap } from './page-map.ts';

/** Of all spaces; as many as a question about 4 GiB of shared pages could bring. */
const MOST_MAPPINGS = 2 ** 21;
const MOST_SEAMS = 2 ** 20;
const PAGE = BigInt(PAGE_BYTES);

/**
 * Volatility 3's reading of the image: its processes, its translation, its regions, its sockets. The bytes are read from
 * the image itself, at the frames that Volatility names. It keeps no books of frames: their state is unknown.
 */
export function volatility3Engine(memory: PhysicalMemory, knowledge: Volatility3Knowledge): Engine {
  const { processes, regions } = knowledge;
  const spaces = spacesOf(knowledge);
  const regionsOf = new Map(processes.map((process, index) => [process, regions[index] ?? []]));
  const translate = (space: number, address: VirtualAddress): number | null => {
    const at = spaces[space]?.pages.frameOf(virtualPageOf(address)) ?? null;
    return at === null ? null : at * PAGE_BYTES + Number(address % PAGE);
  };
  return {
    name: 'volatility3',
    processes,
    owners: (question) => ownersOf(spaces, regionsOf, processes, question),
    processesOf: (space) => spaces[space]?.processes ?? [],
    read: (space, address, into) => readPages(memory, (at) => translate(space, at), address, into),
    physicalOf: (space, address) => {
      const at = translate(space, address);
      return at === null ? null : physical(at);
    },
    regions: (process) => regionsOf.get(process) ?? [],
    pageState: () => ({ kind: 'unknown', detail: null }),
    sentRanges: () => [],
  };
}

interface Space {
  readonly pages: PageMap;
  /** Indices of the processes that live in it. */
  readonly processes: readonly number[];
}

/** One for each set of page tables, in the order of their first process. */
function spacesOf({ processes, pages }: Volatility3Knowledge): readonly Space[] {
  const spaces = new Map<number, { pages: PageMap; processes: number[] }>();
  for (const [index, { pageTable, state }] of processes.entries()) {
    const map = pageTable === null || state === 'exited' ? undefined : pages.get(pageTable);
    if (map === undefined || pageTable === null) continue;
    const space = spaces.get(pageTable);
    if (space === undefined) spaces.set(pageTable, { pages: map, processes: [index] });
    else space.processes.push(index);
  }
  return [...spaces.values()];
}

function ownersOf(
  spaces: readonly Space[],
  regionsOf: ReadonlyMap<Process, readonly Region[]>,
  processes: readonly Process[],
  question: FrameQuestion,
): FrameOwners {
  const byFrame = new Map<Frame, Mapping[]>();
  const seams: Seam[] = [];
  let kept = 0;
  let dropped = 0;
  for (const [
    space,
    {
      pages,
      processes: [first = -1],
    },
  ] of spaces.entries()) {
    const process = processes[first];
    const regions = process === undefined ? [] : (regionsOf.get(process) ?? []);
    pages.walk(
      question,
      (page, at) => {
        kept += 1;
        if (kept > MOST_MAPPINGS) {
          dropped += 1;
          return;
        }
        const frame = frameNumber(at);
        const mapping = mappingOf(space, page, frame, regions);
        const list = byFrame.get(frame);
        if (list === undefined) byFrame.set(frame, [mapping]);
        else list.push(mapping);
      },
      (page, one, other) => {
        if (seams.length === MOST_SEAMS) dropped += 1;
        else {
          const address = virtualPageStart(virtualPage(page));
          seams.push({ space, address, first: frameNumber(one), second: frameNumber(other) });
        }
      },
    );
  }
  return {
    mappingsOf: (frame) => byFrame.get(frame) ?? [],
    seams,
    // Volatility passes over what it cannot read without a word.
    unreadableTables: spaces.map(() => 0),
    dropped,
  };
}

/** Volatility's translation tells neither rights nor page sizes; rights are those of the region. */
function mappingOf(space: number, page: number, frame: Frame, regions: readonly Region[]): Mapping {
  const address = virtualPageStart(virtualPage(page));
  const protection = regionAt(regions, address)?.protection ?? '';
  return {
    space,
    page: virtualPage(page),
    frame,
    pageBytes: PAGE_BYTES,
    isWritable: protection[1] === 'w',
    isUser: true,
    isExecutable: protection[2] === 'x',
    state: 'valid',
  };
}

/** Page by page, until one is not there. */
function readPages(
  memory: PhysicalMemory,
  translate: (address: VirtualAddress) => number | null,
  address: VirtualAddress,
  into: Uint8Array,
): number {
  let done = 0;
  while (done < into.length) {
    const at = virtual(address + BigInt(done));
    const source = translate(at);
    if (source === null) break;
    const part = into.subarray(done, done + PAGE_BYTES - Number(at % PAGE));
    const held = memory.read(physical(source), part);
    done += held;
    if (held < part.length) break;
  }
  return done;
}
