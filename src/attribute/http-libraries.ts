import type { Engine } from '../engine/engine.ts';
import type { Process } from '../os/process.ts';
import { programOf } from './carriers.ts';
import { reasonless } from './reasonless-programs.ts';
import { roleOf } from './roles.ts';

/** A library for HTTP or TLS in a process that should not need it. */
export interface UnusualLibrary {
  /** Its file name, lower case. */
  readonly name: string;
  /** "for which a host of tasks has no use; 0 of 3 other taskhostex.exe here have it". */
  readonly why: string;
}

/**
 * File names of libraries that a client of HTTP or TLS is made with. Left out: libraries that come along with others
 * (ws2_32.dll, libcrypto, libresolv).
 */
const LIBRARIES = [
  /^(winhttp|webio|wininet|urlmon|libcurl(-\w+)?|libssl-[\w-]+|ssleay32|libgnutls-\d+|libsoup-[\d.-]+)\.dll$/,
  /^system\.net\.(http|requests|sockets|webclient)(\.ni)?\.dll$/,
  /^lib(curl(-\w+)?|ssl3?|gnutls|soup-[\d.]+|neon(-\w+)?|serf-[\d.]+)\.so[\d.]*$/,
  // Of Python and Perl.
  /^_(ssl|socket)(\.[\w-]+)?\.(so|pyd)$/,
  /^(socket|ssleay)\.so$/,
];

/** Others of the same program that are looked at, and others of the machine. */
const MOST_PEERS = 8;
const MOST_OTHERS = 24;
/** Processes whose regions are read for this question alone: each costs a walk through its tree of areas. */
const MOST_READ = 96;
/** So many others of the same program must there be, and at most this share of them have it, to call it rare among them. */
const FEWEST_PEERS = 3;
const RARE = 1 / 4;
/** What at least this share of the machine has mapped, says nothing. */
const COMMON = 1 / 2;

/**
 * Finds the library of a process that should not need one: by a small table of programs that have no business with HTTP,
 * or because hardly another process of the same program and role has it. A library that half of the machine maps says
 * nothing. Regions are read only of processes that one of the two can concern, of their peers, and once of a sample.
 */
export function httpLibraryFinder(engine: Engine): (process: number) => UnusualLibrary | null {
  const { processes } = engine;
  const known = new Map<number, ReadonlySet<string>>();
  /** Made when first asked for: on most images nobody is. */
  let kinds: ReadonlyMap<string, readonly number[]> | null = null;
  const sample = spread(
    [...processes.keys()].filter((index) => isUser(processes[index])),
    MOST_OTHERS,
  );
  let read = 0;

  const librariesOf = (index: number): ReadonlySet<string> | null => {
    const before = known.get(index);
    const process = processes[index];
    if (before !== undefined || process === undefined) return before ?? null;
    if (read >= MOST_READ) return null;
    read += 1;
    const names = engine.regions(process).map(({ name }) => libraryIn(name));
    const found = new Set(names.filter((name) => name !== null));
    known.set(index, found);
    return found;
  };
  /** How many of some processes have it, and of how many that was seen. */
  const share = (indices: readonly number[], library: string): { have: number; of: number } => {
    const seen = indices.map(librariesOf).filter((one) => one !== null);
    return { have: seen.filter((one) => one.has(library)).length, of: seen.length };
  };

  return (index) => {
    const process = processes[index];
    if (process === undefined || !isUser(process)) return null;
    kinds ??= byKind(processes);
    const peers = (kinds.get(kindOf(process)) ?? []).filter((one) => one !== index);
    const trade = reasonless(process);
    if (trade === null && peers.length < FEWEST_PEERS) return null;

    for (const name of [...(librariesOf(index) ?? [])].toSorted()) {
      const among = share(spread(peers, MOST_PEERS), name);
      const isRare = among.of >= FEWEST_PEERS && among.have <= among.of * RARE;
      const isOdd = trade !== null && among.have * 2 <= among.of;
      if (!isRare && !isOdd) continue;
      const all = share(
        sample.filter((one) => one !== index),
        name,
      );
      if (all.of > 0 && all.have >= all.of * COMMON) continue;
      const told = [
        ...(trade === null ? [] : [`for which ${trade} has no use`]),
        ...(among.of === 0
          ? []
          : [`${among.have} of ${among.of} others of the same program have it`]),
        ...(among.of === 0 && all.of > 0
          ? [`${all.have} of ${all.of} other processes have it`]
          : []),
      ];
      return { name, why: told.join('; ') };
    }
    return null;
  };
}

/** The library's file name, if the region is one. */
export function libraryIn(region: string | null): string | null {
  const name = (region ?? '')
    .replace(/ \(deleted\)$/, '')
    .replace(/^.*[\\/]/s, '')
    .toLowerCase();
  return LIBRARIES.some((one) => one.test(name)) ? name : null;
}

const isUser = (process: Process | undefined): boolean =>
  process !== undefined && !process.isKernelThread && process.state === 'alive';

/** The same program in the same role; a program of many services or scripts is a kind for each. */
const kindOf = (process: Process): string =>
  `${(process.path ?? process.name).toLowerCase()}\0${roleOf(process) ?? ''}`;

function byKind(processes: readonly Process[]): ReadonlyMap<string, readonly number[]> {
  const kinds = new Map<string, number[]>();
  for (const [index, process] of processes.entries()) {
    if (!isUser(process)) continue;
    // Of a service host that does not tell its service, nobody knows what it is like.
    const isHost = programOf(process.path ?? process.name) === 'svchost';
    if (isHost && roleOf(process) === null) continue;
    const kind = kindOf(process);
    const list = kinds.get(kind);
    if (list) list.push(index);
    else kinds.set(kind, [index]);
  }
  return kinds;
}

/** At most so many of a list, evenly over its length: the same ones for the same image. */
function spread(list: readonly number[], most: number): readonly number[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, at) => list[Math.floor((at * list.length) / most)] ?? 0);
}
