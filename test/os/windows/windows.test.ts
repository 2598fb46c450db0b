import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Located } from '../../../src/attribute/locate.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { Endpoint } from '../../../src/os/process.ts';
import { LAYOUT_GROUPS } from '../../../src/os/windows/offsets/groups.ts';
import type { WindowsLayout } from '../../../src/os/windows/offsets/layout.ts';
import {
  BUILDS,
  type BuiltWindows,
  type WindowsOptions,
  type WindowsRegionKind,
} from '../../support/build-windows/build-windows.ts';
import { placesOf } from '../../support/build-windows/find-in-truth.ts';
import { everyCase, INDICATOR } from '../../support/build-windows/scenarios.ts';
import { locateText } from './locate-built.ts';
import { openScanned, rawMemory, type OpenedWindows } from './open-built.ts';

/** A machine with every case, and how it is read. */
type Case = readonly [name: string, options: WindowsOptions, layouts: readonly WindowsLayout[]];

const CASES: readonly Case[] = [
  ...BUILDS.flatMap((build): Case[] => {
    const options = { build };
    return [
      [`build ${build}`, options, LAYOUT_GROUPS],
      [`build ${build}, of which nothing is known`, options, []],
    ];
  }),
  ['no KVA shadow', { build: 17763, kvaShadow: false }, LAYOUT_GROUPS],
  ['KVA shadow', { build: 19041, kvaShadow: true }, LAYOUT_GROUPS],
  ['page-table entries before August 2018', { build: 14393, newEntries: false }, LAYOUT_GROUPS],
  ['a processor without the L1TF flaw', { build: 19041, invalidPteMask: 0n }, LAYOUT_GROUPS],
  ['another inverted bit', { build: 22621, invalidPteMask: 1n << 43n }, LAYOUT_GROUPS],
  ['neither low stub nor kernel header', { lowStub: false, kernelHeader: false }, LAYOUT_GROUPS],
  ['another boot', { build: 26100, seed: 7 }, LAYOUT_GROUPS],
];

describe.each(CASES)('%s', (_name, options, layouts) => {
  let built: BuiltWindows;
  let opened: OpenedWindows;
  let found: { readonly located: Located; readonly engine: Engine };

  beforeAll(async () => {
    built = builtOnce(options);
    opened = await openScanned(rawMemory(built.bytes), layouts);
    found = await locateText(opened, INDICATOR);
  }, 60_000);

  test('processes are the true ones, with the hidden and the ended marked', () => {
    const read = opened.system.processes
      .filter(({ pid }) => pid !== 0)
      .map((one) => ({
        pid: one.pid,
        parentPid: one.parentPid,
        name: one.name,
        path: one.path,
        commandLine: one.commandLine,
        user: one.user,
        started: one.startTime,
        exited: one.exitTime,
        isHidden: one.isHidden,
        hasEnded: one.state === 'exited',
        threads: one.threads,
        object: one.object,
        pageTable: one.pageTable,
        isWow64: one.isWow64,
      }));
    const truth = built.truth.processes.map((one) => ({
      pid: one.pid,
      parentPid: one.parentPid,
      name: one.name,
      path: one.path,
      commandLine: one.commandLine,
      user: one.sid,
      started: one.createTime,
      exited: one.exitTime,
      isHidden: one.isHidden,
      hasEnded: one.isTerminated,
      threads: one.threads,
      object: one.object,
      pageTable: one.pageTable,
      isWow64: one.isWow64,
    }));
    expect(read.toSorted(byPid)).toEqual(truth.toSorted(byPid));
    expect(opened.system.release).toContain(`(${built.truth.build})`);
    expect(opened.system.captureTime).toEqual(built.truth.captureTime);
  });

  test('hits are the true ones in both directions: process, address, place in RAM, kind of entry', () => {
    const { located, engine } = found;
    const read = located.occurrences
      .filter(({ flags }) => !flags.includes('phantom'))
      .flatMap(({ owners, parts }) => {
        const at = parts[0]?.address ?? -1;
        return owners.length === 0
          ? [`nobody's at ${at}`]
          : owners.map(
              ({ process, address, state }) =>
                `${engine.processes[process]?.pid} ${address.toString(16)} at ${at}, ${state}`,
            );
      });
    const truth = placesOf(built.truth, INDICATOR).map(({ hit, va, physical }) =>
      hit
        ? `${hit.pid} ${va?.toString(16)} at ${physical}, ${hit.state}`
        : `nobody's at ${physical}`,
    );
    expect(read.toSorted()).toEqual(truth.toSorted());
    expect(located.occurrences.filter(({ flags }) => flags.includes('phantom'))).toHaveLength(1);
  });

  test("frames that no process maps are what the kernel's books say", () => {
    const { occurrences } = found.located;
    const read = occurrences
      .filter(({ owners, flags }) => owners.length === 0 && !flags.includes('phantom'))
      .map(({ pageState, parts }) => `${parts[0]?.address} ${pageState.kind} ${pageState.detail}`);
    const truth = placesOf(built.truth, INDICATOR).flatMap(({ orphan, physical }) =>
      orphan ? [`${physical} ${STATES[orphan.where](orphan.detail)}`] : [],
    );
    expect(read.map(plain).toSorted()).toEqual(truth.map(plain).toSorted());
  });

  test('sockets are the true ones, by owner', () => {
    const read = opened.system.processes.flatMap(({ pid, sockets }) =>
      sockets.map(({ protocol, family, local, remote, state }) => ({
        pid,
        protocol,
        family,
        state,
        local: endText(local),
        remote: remote && endText(remote),
      })),
    );
    const truth = built.truth.sockets.filter(({ pid }) => pid !== null);
    expect(new Set(read.map((one) => JSON.stringify(one, KEYS)))).toEqual(
      new Set(truth.map((one) => JSON.stringify(one, KEYS))),
    );
  });

  test('regions are the true ones: place, kind, file', () => {
    const { system } = opened;
    const read = system.processes.flatMap((process) =>
      system
        .regions(process)
        .map(({ start, end, kind, name }) =>
          [process.pid, start, end, kind, kind === 'stack' ? '' : name].join(' '),
        ),
    );
    const truth = built.truth.regions.map(({ pid, start, end, kind, path }) =>
      // What tells heaps and stacks is in user memory, which can be paged out.
      [
        pid,
        start,
        end,
        isAway(pid) ? KINDS[kind].replace(/heap|stack/, 'anonymous') : KINDS[kind],
        kind === 'shared' ? '' : path,
      ].join(' '),
    );
    expect(read.toSorted()).toEqual(truth.toSorted());
    const injected = system.processes.find(({ pid }) => pid === 2408);
    const executable = (injected ? system.regions(injected) : []).filter(
      ({ kind, protection }) => kind === 'anonymous' && protection.includes('x'),
    );
    expect(executable.map(({ protection }) => protection)).toEqual(['rwxp']);
  });
});

/** The last machine that was built: cases in a row can share it. */
let last: { readonly options: WindowsOptions; readonly built: BuiltWindows } | null = null;

function builtOnce(options: WindowsOptions): BuiltWindows {
  if (last?.options !== options) last = { options, built: everyCase(options).build() };
  return last.built;
}

const AWAY = 3012;
const isAway = (pid: number): boolean => pid === AWAY;

const endText = ({ address, port }: Endpoint): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

const KEYS = ['pid', 'protocol', 'family', 'local', 'remote', 'state'];

const KINDS: Readonly<Record<WindowsRegionKind, string>> = {
  private: 'anonymous',
  heap: 'heap',
  stack: 'stack',
  image: 'image',
  mapped: 'file',
  shared: 'shared-memory',
};

/** How each place that no process maps is told. */
const STATES = {
  free: () => 'free null',
  zeroed: () => 'free zeroed',
  'standby-file': (detail: string | null) => `standby ${detail}`,
  pool: (detail: string | null) => `kernel pool block "${detail}"`,
  driver: (detail: string | null) => `kernel ${detail}`,
  'kernel-image': () => 'kernel ntoskrnl.exe',
  former: () => 'LIST former owner: gone.exe (PID 3000)',
} as const;

/** A former page's list follows from how it was given back. */
const plain = (text: string): string => text.replace(/(free|standby|LIST)(?= former)/, 'LIST');

const byPid = (one: { readonly pid: number }, other: { readonly pid: number }): number =>
  one.pid - other.pid;
