import type { Frame, PhysicalAddress } from '../../memory/address.ts';
import type { PhysicalMemory } from '../../memory/physical-memory.ts';
import type { AnchorHit } from '../../scan/anchor.ts';
import { lazily } from '../lazily.ts';
import type { OperatingSystem, ProcessSpace } from '../operating-system.ts';
import { orElse } from '../or-else.ts';
import type { PageState } from '../page-state.ts';
import type { Process, Socket } from '../process.ts';
import type { Region } from '../region.ts';
import { agreementReader } from './agreement.ts';
import { MODULE_ANCHOR, REQUEST_ANCHOR, TOP_TABLE_PROBE } from './anchors.ts';
import { buildOfVersion } from './choose-layout.ts';
import { findFrameDatabase, type FrameDatabase } from './frame-database.ts';
import { openKernel, type WindowsHints, type WindowsKernel } from './kernel.ts';
import { moduleFrames, readModules } from './modules.ts';
import { LAYOUT_GROUPS } from './offsets/groups.ts';
import type { WindowsLayout } from './offsets/layout.ts';
import { pageStates } from './page-states.ts';
import { absenceRule } from './paged-out.ts';
import { listProcesses, type ListedProcess } from './process-list.ts';
import { readProcesses, type WindowsProcess } from './process-reader.ts';
import { regionsOf } from './regions.ts';
import { releaseOf, timeZoneOf } from './release.ts';
import { areasReader, type ProcessAreas } from './shared-pages.ts';
import { sendRequests } from './send-requests.ts';
import { socketsByOwner } from './sockets.ts';
import { findUnlistedSpaces, type UnlistedSpace } from './unlisted-spaces.ts';

/**
 * The Windows system of the image (x64, 7 to 11), read without symbols: structures are proposed by a table of known
 * kernels, or derived, and proven in the image. Null where nothing speaks of Windows. Throws `Ip2ProcessError` of kind
 * 'analysis' where it is Windows, but no process can be listed. Whatever else is missing becomes a warning.
 *
 * @param layouts - of known kernels; none: all is derived
 */
export function openWindows(
  memory: PhysicalMemory,
  anchors: readonly AnchorHit[],
  hints: WindowsHints,
  layouts: readonly WindowsLayout[] = LAYOUT_GROUPS,
): OperatingSystem | null {
  const kernel = openKernel(memory, anchors, hints, layouts);
  if (kernel === null) return null;

  const listed = listProcesses(kernel);
  const database = findFrameDatabase(kernel);
  const sockets = orElse(
    kernel,
    'Sockets are unknown',
    () => readSockets(kernel, database, anchors, listed),
    null,
  );
  const areas = remembered(areasReader(kernel));
  const known = readProcesses(kernel, listed, {
    socketsOf: (object) => sockets?.get(object) ?? [],
    beyondTables: ({ header }) => areas(header.address),
  });
  const byProcess = new Map(known.map((one) => [one.process, one]));
  const release = releaseOf(kernel, known);
  const unlisted = unlistedSpaces(kernel, anchors, database, known);
  const states = lazily(() => statesOf(kernel, anchors, known, database));
  const spaces = [...spacesOf(known, areas), ...spacesOfUnlisted(unlisted, known.length)];
  // The unlisted ones have no areas.
  const checked = spaces.map(({ space, processes: [first = -1] }) => {
    const object = known[first]?.listed.header.address;
    return { space, areas: object === undefined ? null : areas(object) };
  });
  const agreement = lazily(() => agreementReader(kernel, database, checked));
  const readSends = () => {
    const byObject = new Map(known.map((one) => [one.listed.header.address, one.space]));
    const tags = placesOf(anchors, REQUEST_ANCHOR);
    return sendRequests(kernel, tags, (object) => byObject.get(object) ?? null);
  };
  const sends = lazily(() =>
    orElse(kernel, 'What processes were sending is unknown', readSends, null),
  );
  const readRegions = remembered((process: Process): readonly Region[] => {
    const one = byProcess.get(process);
    if (one === undefined) return [];
    return regionsOf(kernel, one, areas(one.listed.header.address).tree);
  });

  return {
    kind: 'windows',
    release: release.name,
    hostName: release.computerName,
    timeZone: timeZoneOf(kernel),
    bootTime: kernel.shared?.bootTime ?? null,
    captureTime: kernel.shared?.now ?? null,
    processes: [...known, ...unlisted].map(({ process }) => process),
    spaces,
    kernel: kernel.space,
    regions: readRegions,
    pageState: (frame, offset = 0) => states()(frame, offset),
    agreement(space, address, frame) {
      const where = checked[space];
      return where === undefined ? 'unchecked' : agreement()(where, address, frame);
    },
    sentRanges: (process) => sends()?.get(process.object) ?? [],
    absenceOf: absenceRule(kernel, known, release.build),
    warnings: kernel.warnings,
  };
}

function readSockets(
  kernel: WindowsKernel,
  database: FrameDatabase | null,
  anchors: readonly AnchorHit[],
  listed: readonly ListedProcess[],
): ReadonlyMap<bigint, readonly Socket[]> {
  const objects = new Set(listed.map(({ header }) => header.address));
  const { shared } = kernel;
  const build = shared && (shared.build ?? buildOfVersion(shared));
  return socketsByOwner(kernel, database, anchors, objects, build);
}

function spacesOf(
  known: readonly WindowsProcess[],
  areas: (process: bigint) => ProcessAreas,
): readonly ProcessSpace[] {
  const spaces = new Map<number, ProcessSpace & { readonly processes: number[] }>();
  known.forEach(({ space, listed, process }, index) => {
    // Idle runs on System's tables and has nothing of its own in them.
    if (space === null || process.pid === 0) return;
    const shared = spaces.get(space.root);
    if (shared !== undefined) {
      shared.processes.push(index);
      return;
    }
    spaces.set(space.root, {
      root: space.root,
      processes: [index],
      space,
      pagesBeyond: (isWanted) => areas(listed.header.address).pagesBeyond(space, isWanted),
    });
  });
  return [...spaces.values()];
}

function unlistedSpaces(
  kernel: WindowsKernel,
  anchors: readonly AnchorHit[],
  database: FrameDatabase | null,
  known: readonly WindowsProcess[],
): readonly UnlistedSpace[] {
  const roots = new Set(known.map(({ listed }) => listed.header.table));
  const found = findUnlistedSpaces(kernel, database, placesOf(anchors, TOP_TABLE_PROBE), roots);
  if (found.length > 0) {
    const isOne = found.length === 1;
    const spaces = `${isOne ? 'One address space' : `${found.length} address spaces`}${database === null ? '' : ' in use'}`;
    const doubt =
      database === null
        ? "; whether still in use is unknown, for the kernel's books of page frames were not found"
        : '';
    kernel.warn(
      `${spaces} ${isOne ? 'belongs' : 'belong'} to no process that was found: shown as "unknown process", numbered from -1 down${doubt}`,
    );
  }
  return found;
}

const spacesOfUnlisted = (
  unlisted: readonly UnlistedSpace[],
  first: number,
): readonly ProcessSpace[] =>
  unlisted.map(({ space }, index) => ({ root: space.root, processes: [first + index], space }));

function statesOf(
  kernel: WindowsKernel,
  anchors: readonly AnchorHit[],
  known: readonly WindowsProcess[],
  database: FrameDatabase | null,
): (frame: Frame, offset: number) => PageState {
  if (database === null) {
    kernel.warn(
      "The kernel's books of page frames were not found: the state of frames that no process maps is unknown",
    );
  }
  const modules = lazily(() =>
    moduleFrames(kernel, readModules(kernel, placesOf(anchors, MODULE_ANCHOR))),
  );
  return pageStates(kernel, { database, modules, processes: known });
}

const placesOf = (anchors: readonly AnchorHit[], wanted: string): PhysicalAddress[] =>
  anchors.filter(({ name }) => name === wanted).map(({ address }) => address);

function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const old = known.get(key);
    if (old !== undefined) return old;
    const value = make(key);
    known.set(key, value);
    return value;
  };
}
