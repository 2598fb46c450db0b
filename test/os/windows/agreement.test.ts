import { describe, expect, test } from '@jest/globals';
import { bytesSource } from '../../../src/memory/byte-source.ts';
import { frame, virtual } from '../../../src/memory/address.ts';
import type { OperatingSystem } from '../../../src/os/operating-system.ts';
import {
  BUILDS,
  buildWindows,
  type BuiltWindows,
} from '../../support/build-windows/build-windows.ts';
import { everyCase, INDICATOR } from '../../support/build-windows/scenarios.ts';
import { openScanned, rawMemory } from './open-built.ts';

const HEAP = 0x2_0000_0000n;
const MAPPED = 0x5_0000_0000n;
const KUSER = 0x7ffe_0000n;

const open = async ({ bytes }: BuiltWindows): Promise<OperatingSystem> => {
  const { system } = await openScanned(rawMemory(bytes), undefined, bytesSource(bytes));
  return system;
};

const spaceOf = (system: OperatingSystem, pid: number): number =>
  system.spaces.findIndex(({ processes }) =>
    processes.some((index) => system.processes[index]?.pid === pid),
  );

const ask = (system: OperatingSystem, pid: number, va: bigint, number: number) =>
  system.agreement?.(spaceOf(system, pid), virtual(va), frame(number));

describe('every page that a process truly has', () => {
  test.each(BUILDS)('is confirmed by its MMPFN: build %i', async (build) => {
    const built = everyCase({ build }).build();
    const system = await open(built);
    for (const { pid, va, frame: number, pageBytes } of built.truth.pages) {
      // The books of a large page name no table, and that page is the machine's.
      const isTold = pageBytes === 4096 && va !== KUSER;
      expect({ pid, va, said: ask(system, pid, va, number) }).toEqual({
        pid,
        va,
        said: isTold ? 'confirmed' : 'unchecked',
      });
    }
    expect(system.warnings.filter((sentence) => sentence.includes('do not fit'))).toEqual([]);
  });
});

describe('a frame used anew while the image was taken', () => {
  const machine = buildWindows();
  const view = { kind: 'mapped', path: '\\Users\\alice\\proxy.log' } as const;
  const late = machine
    .process('late.exe', { pid: 2004 })
    .maps(HEAP, 'its own at the same address')
    .maps(2n * HEAP, 'its own')
    .region(MAPPED, 4, { kind: 'mapped', path: '\\Users\\alice\\other.log' })
    .write(MAPPED, 'a line');
  const early = machine
    .process('early.exe', { pid: 2000 })
    .region(HEAP, 5, { kind: 'private' })
    .write(HEAP, INDICATOR)
    .write(HEAP + 0x1000n, INDICATOR)
    .write(HEAP + 0x2000n, INDICATOR)
    .write(HEAP + 0x3000n, INDICATOR, { kind: 'transition' })
    .write(HEAP + 0x4000n, INDICATOR)
    .region(MAPPED, 4, view)
    .write(MAPPED, INDICATOR)
    .write(MAPPED + 0x1000n, INDICATOR)
    .write(MAPPED + 0x2000n, INDICATOR);
  machine
    .reused(early, HEAP, late, HEAP)
    .reused(early, HEAP + 0x1000n, late, 2n * HEAP)
    .reused(early, HEAP + 0x2000n, late, MAPPED)
    .reused(early, HEAP + 0x3000n, late, HEAP)
    .reused(early, MAPPED, late, MAPPED)
    .reused(early, MAPPED + 0x1000n, late, HEAP);
  const built = machine.build();
  const opened = open(built);

  test.each([
    // The same address: only the frame of the table tells the two apart.
    ['private memory, by private memory at the same address', HEAP, 'contradicted'],
    ['private memory, by private memory at another', HEAP + 0x1000n, 'contradicted'],
    ['private memory, by a file', HEAP + 0x2000n, 'contradicted'],
    ['a page in transition, by private memory', HEAP + 0x3000n, 'contradicted'],
    ['private memory, by nobody', HEAP + 0x4000n, 'confirmed'],
    ['a file, by another file', MAPPED, 'contradicted'],
    ['a file, by private memory', MAPPED + 0x1000n, 'contradicted'],
    ['a file, by nobody', MAPPED + 0x2000n, 'confirmed'],
  ])('%s', async (_, address, word) => {
    const page = built.truth.pages.find(({ pid, va }) => pid === 2000 && va === address);
    expect(ask(await opened, 2000, address, page?.frame ?? 0)).toBe(word);
  });
});

test('books that fit no process are not believed', async () => {
  const built = everyCase().build();
  const right = await open(built);
  const { frameDatabase } = built.truth.kernel;
  // Every private page's book names the entry behind its own.
  for (const { frame: number, state } of built.truth.pages) {
    const field = frameDatabase + BigInt(number * 0x30 + 8);
    const at = right.kernel.translate(virtual(field))?.physical ?? 0;
    const view = new DataView(built.bytes.buffer, built.bytes.byteOffset);
    if (state !== 'prototype') view.setBigUint64(at, view.getBigUint64(at, true) + 8n, true);
  }
  const system = await open(built);
  const words = built.truth.pages
    .filter(({ va, pageBytes }) => va !== KUSER && pageBytes === 4096)
    .map(({ pid, va, frame: number }) => ask(system, pid, va, number));
  expect(words).not.toContain('contradicted');
  expect(system.warnings).toContainEqual(
    expect.stringContaining('mappings of private memory are not checked'),
  );
});
