import { describe, expect, test } from '@jest/globals';
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

const belowZero = (system: Awaited<ReturnType<typeof openScanned>>['system']) =>
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
