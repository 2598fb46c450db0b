import { expect, test } from '@jest/globals';
import { Ip2ProcessError } from '../../src/errors.ts';
import { openScanned, rawMemory } from '../os/windows/open-built.ts';
import { applied, type Edit, set } from '../fuzz/edit.ts';
import { windowsMachines } from '../fuzz/windows-machine.ts';

/**
 * As `endless-lists` for Windows: 32,768 words, each the address of the next, and every pointer of one kind leads into
 * them, each somewhere else. Following one of them from each node of another takes hours, not a tenth of a second.
 */
const machine = (windowsMachines[0] ?? never())('203.0.113.7');
const { start: at, length } = machine.free;
const ramp: Edit = { kind: 'ramp', at, length, first: machine.kernelAddress(at + 8).toString(16) };

test.each([
  'EPROCESS.ActiveProcessLinks',
  'EPROCESS.VadRoot',
  'EPROCESS.ThreadListHead',
  'KPROCESS.ThreadListHead',
  'EPROCESS.Token',
  'EPROCESS.Peb',
  'pool VadS',
  'pool Vad ',
  'pool Thre',
  'pool MmCa',
  'pool MmLd',
  'pool TcpE',
])(
  'work grows with the memory, not with its square, where every %s leads into one long list',
  async (name) => {
    const kind = machine.places.find((one) => one.name === name) ?? never();
    const links = kind.at.map((place, index) =>
      set(place, machine.kernelAddress(at + ((index * 1024) % (length / 2))), 8, name),
    );
    const usual = await readWhole(machine.bytes);
    const bent = await readWhole(applied(machine.bytes, [ramp, ...links]));
    expect(bent).toBeLessThan(10 * usual + 2000);
  },
);

/** Milliseconds of processor time to read the system and all regions. */
async function readWhole(bytes: Uint8Array): Promise<number> {
  const start = process.cpuUsage();
  try {
    const { system } = await openScanned(rawMemory(bytes));
    for (const one of system.processes) system.regions(one);
  } catch (error) {
    // Where no process has a link that leads to another, no layout can be proven: a refusal is an end too.
    if (!(error instanceof Ip2ProcessError) || error.kind !== 'analysis') throw error;
  }
  const { user, system: inKernel } = process.cpuUsage(start);
  return (user + inKernel) / 1000;
}

function never(): never {
  throw new Error('the built machine lacks what the test needs');
}
