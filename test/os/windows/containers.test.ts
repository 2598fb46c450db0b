import { beforeAll, describe, expect, test } from '@jest/globals';
import { bytesSource } from '../../../src/memory/byte-source.ts';
import { memoryOf } from '../../../src/image/memory-of.ts';
import { openWindows } from '../../../src/os/windows/windows.ts';
import { elfImage, limeImage } from '../../support/image-writers.ts';
import type { AssembledWindows } from '../../support/build-windows/build-windows.ts';
import { crashDump } from '../../support/build-windows/crash-dump-writer.ts';
import { placesOf } from '../../support/build-windows/find-in-truth.ts';
import { everyCase, INDICATOR } from '../../support/build-windows/scenarios.ts';
import { locateText } from './locate-built.ts';
import { openScanned } from './open-built.ts';

const MIB = 2 ** 20;
/** A machine whose devices take the place of RAM below 4 GiB. */
const RUNS = [
  [0x1000, 0x9f000],
  [MIB, 15 * MIB],
  [4096 * MIB, 32 * MIB],
] as const;

let machine: AssembledWindows;

beforeAll(() => {
  machine = everyCase({ build: 19041, runs: RUNS }).assemble();
});

describe.each<[string, () => Uint8Array]>([
  ['LiME', () => limeImage(machine.ram.stretches())],
  ['ELF core', () => elfImage(machine.ram.stretches())],
  ['full crash dump', () => crashDump(machine, { type: 'full' })],
  ['bitmap crash dump', () => crashDump(machine, { type: 'bitmapFull' })],
])('a machine with a hole below 4 GiB as %s', (_name, write) => {
  test('has the same processes and hits', async () => {
    const { memory, hints } = memoryOf(bytesSource(write()));
    const opened = await openScanned(memory);
    const pids = opened.system.processes.map(({ pid }) => pid).filter((pid) => pid !== 0);
    const { processes } = machine.truth;
    expect(pids.toSorted(ascending)).toEqual(processes.map(({ pid }) => pid).toSorted(ascending));

    const { located, engine } = await locateText(opened, INDICATOR);
    const read = located.occurrences
      .filter(({ flags }) => !flags.includes('phantom'))
      .flatMap(({ owners, parts }) => {
        const at = parts[0]?.address ?? -1;
        if (owners.length === 0) return [`nobody ${at}`];
        return owners.map(
          ({ process, state }) => `${engine.processes[process]?.pid} ${at} ${state}`,
        );
      });
    const truth = placesOf(machine.truth, INDICATOR).map(({ hit, physical }) =>
      hit ? `${hit.pid} ${physical} ${hit.state}` : `nobody ${physical}`,
    );
    expect(read.toSorted()).toEqual(truth.toSorted());

    // The header's own page table is one of the candidates, never more.
    const hinted = openWindows(memory, opened.anchors, { tables: hints.cr3 });
    expect(hinted?.processes).toHaveLength(opened.system.processes.length);
  });
});

const ascending = (one: number, other: number): number => one - other;
