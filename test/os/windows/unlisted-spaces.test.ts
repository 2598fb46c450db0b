import { describe, expect, test } from '@jest/globals';
import { virtual } from '../../../src/memory/address.ts';
import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import {
  buildWindows,
  BUILDS,
  type BuiltWindows,
  type WindowsOptions,
} from '../../support/build-windows/build-windows.ts';
import { locateText } from './locate-built.ts';
import { openScanned, rawMemory } from './open-built.ts';

const HEAP = 0x2_0000_0000n;
const TEXT = '35.178.122.152';

const machine = (options: WindowsOptions): BuiltWindows =>
  buildWindows(options)
    .process('one.exe', { pid: 2000 })
    .maps(HEAP, `ascii one ${TEXT}`)
    .process('two.exe', { pid: 2004 })
    .maps(HEAP, `ascii two ${TEXT}`)
    .process('gone.exe', { pid: 2008, terminated: true })
    .maps(HEAP, `ascii gone ${TEXT}`)
    .build();

function tableOf({ truth }: BuiltWindows, pid: number): number {
  return truth.processes.find((one) => one.pid === pid)?.pageTable ?? -1;
}

/** With the objects of these processes overwritten. */
function overwritten({ bytes, truth }: BuiltWindows, ...pids: readonly number[]): Uint8Array {
  const changed = bytes.slice();
  for (const { pid, physical } of truth.processes) {
    if (pids.includes(pid)) changed.fill(0x41, physical, physical + 0x300);
  }
  return changed;
}

const belowZero = (system: OperatingSystem) =>
  system.processes.filter(({ pid }) => pid < 0).map(({ pid, pageTable }) => [pid, pageTable]);

describe.each(BUILDS)('build %d', (build) => {
  test('a process whose object was overwritten keeps its hits, under the number of its tables', async () => {
    const built = machine({ build });
    const opened = await openScanned(rawMemory(overwritten(built, 2000)));
    const table = tableOf(built, 2000);
    expect(belowZero(opened.system)).toEqual([[-1, table]]);
    expect(opened.system.warnings.join()).toContain('belongs to no process that was found');

    const { located, engine } = await locateText(opened, TEXT);
    const owners = located.occurrences.flatMap((one) =>
      one.owners.map(({ process }) => engine.processes[process]?.name ?? ''),
    );
    expect(owners.toSorted()).toEqual(['two.exe', `unknown process (DTB 0x${table.toString(16)})`]);
  });

  test('where every process is found, there are no others', async () => {
    const { system } = await openScanned(rawMemory(machine({ build, stale: true }).bytes));
    expect(belowZero(system)).toEqual([]);
    expect(system.warnings.join()).not.toContain('no process that was found');
  });
});

test('several are told apart', async () => {
  const built = machine({});
  const { system } = await openScanned(rawMemory(overwritten(built, 2000, 2004)));
  const tables = [tableOf(built, 2000), tableOf(built, 2004)].toSorted((one, two) => one - two);
  expect(belowZero(system)).toEqual(tables.map((table, index) => [-1 - index, table]));
});

test('a table that does not map itself, or shows another kernel, is none', async () => {
  const built = machine({});
  const slot = built.truth.kernel.selfIndex;
  for (const spoil of [slot, null]) {
    const bytes = overwritten(built, 2000);
    const table = tableOf(built, 2000);
    if (spoil === null) {
      for (let at = 256; at < 512; at += 1)
        if (at !== slot) bytes.fill(0, table + at * 8, table + at * 8 + 8);
    } else bytes.fill(0, table + spoil * 8, table + spoil * 8 + 8);
    expect(belowZero((await openScanned(rawMemory(bytes))).system)).toEqual([]);
  }
});

/** With the kernel's books of page frames overwritten: no place proves itself to be theirs. */
function withoutBooks(
  { truth }: BuiltWindows,
  bytes: Uint8Array,
  honest: OperatingSystem,
): Uint8Array {
  for (let page = 0n; page < BigInt(bytes.length / 4096) * 0x30n; page += 0x1000n) {
    const at = honest.kernel.translate(virtual(truth.kernel.frameDatabase + page))?.physical;
    if (at !== undefined) bytes.fill(0x5a, at, at + 4096);
  }
  return bytes;
}

describe("without the kernel's books of page frames", () => {
  test('a process whose object was overwritten keeps its hits, and the doubt is told', async () => {
    const built = machine({ lowStub: false, stale: true });
    const honest = (await openScanned(rawMemory(built.bytes))).system;
    const bytes = withoutBooks(built, overwritten(built, 2000), honest);
    const opened = await openScanned(rawMemory(bytes));
    expect(belowZero(opened.system)).toEqual([[-1, tableOf(built, 2000)]]);
    expect(opened.system.warnings.join()).toContain('whether still in use is unknown');

    const { located, engine } = await locateText(opened, TEXT);
    const owners = located.occurrences.flatMap((one) =>
      one.owners.map(({ process }) => engine.processes[process]?.pid ?? 0),
    );
    expect(new Set(owners)).toEqual(new Set([-1, 2004]));
  });

  test('where every process is found, there are no others', async () => {
    const built = machine({ stale: true });
    const honest = (await openScanned(rawMemory(built.bytes))).system;
    const bytes = withoutBooks(built, built.bytes.slice(), honest);
    expect(belowZero((await openScanned(rawMemory(bytes))).system)).toEqual([]);
  });
});

test("where no object tells its true tables, and no low stub the kernel's, the tables tell themselves", async () => {
  const built = machine({ lowStub: false });
  const bytes = built.bytes.slice();
  const view = new DataView(bytes.buffer);
  const { idle, processes } = built.truth;
  for (const { physical } of [idle, ...processes]) {
    view.setBigUint64(physical + 0x28, 0x7000n, true);
  }
  const opened = await openScanned(rawMemory(bytes));
  const names = opened.system.processes.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['System', 'one.exe', 'two.exe']));

  const { located, engine } = await locateText(opened, TEXT);
  const tables = located.occurrences.flatMap((one) =>
    one.owners.map(({ process }) => engine.processes[process]?.pageTable ?? -1),
  );
  expect(new Set(tables)).toEqual(new Set([tableOf(built, 2000), tableOf(built, 2004)]));
});
