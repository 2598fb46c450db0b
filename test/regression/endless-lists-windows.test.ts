import { expect, test } from '@jest/globals';
import { Ip2ProcessError } from '../../src/errors.ts';
import { PageCache } from '../../src/translate/page-cache.ts';
import { openScanned, rawMemory } from '../os/windows/open-built.ts';
import { applied, type Edit, set } from '../fuzz/edit.ts';
import { windowsMachines } from '../fuzz/windows-machine.ts';

/**
 * As `endless-lists` for Windows: 32,768 words, each the address of the next, and every pointer of one kind leads into
 * them, each somewhere else. Following one of them from each node of another would take hours.
 */
const machine = (windowsMachines[0] ?? never())('203.0.113.7');
const { start: at, length: free } = machine.free;
const processes =
  machine.places.find(({ name }) => name === 'EPROCESS.Token')?.at.length ?? never();
const ramp: Edit = {
  kind: 'ramp',
  at,
  length: free,
  first: machine.kernelAddress(at + 8).toString(16),
};

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
      set(place, machine.kernelAddress(at + ((index * 1024) % (free / 2))), 8, name),
    );
    const usual = await asksOf(machine.bytes);
    const bent = await asksOf(applied(machine.bytes, [ramp, ...links]));
    // A list of all of them for each process, at most: nothing like their square.
    expect(bent).toBeLessThan(usual + 2 * processes * (free / 8));
  },
);

/** Places of memory that are asked for to read the system and all regions. */
async function asksOf(bytes: Uint8Array): Promise<number> {
  const memory = new CountedMemory(rawMemory(bytes));
  try {
    const { system } = await openScanned(memory);
    for (const one of system.processes) system.regions(one);
  } catch (error) {
    // Where no process has a link that leads to another, no layout can be proven: a refusal is an end too.
    if (!(error instanceof Ip2ProcessError) || error.kind !== 'analysis') throw error;
  }
  return memory.asks;
}

class CountedMemory extends PageCache {
  asks = 0;

  override locate(address: number, length: number): number {
    this.asks += 1;
    return super.locate(address, length);
  }

  override copy(address: number, into: Uint8Array, intoOffset: number, length: number): number {
    this.asks += 1;
    return super.copy(address, into, intoOffset, length);
  }
}

function never(): never {
  throw new Error('the built machine lacks what the test needs');
}
