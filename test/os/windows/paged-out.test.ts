import { describe, expect, test } from '@jest/globals';
import { nativeEngine } from '../../../src/engine/native.ts';
import { FrameSet } from '../../../src/memory/frame-set.ts';
import {
  buildWindows,
  type PageKind,
  type WindowsOptions,
} from '../../support/build-windows/build-windows.ts';
import { openScanned, rawMemory } from './open-built.ts';

const HEAP = 0x2_0000_0000n;

/** One process' heap, page by page, and whether the machine compresses memory. */
async function counted(
  options: WindowsOptions,
  kinds: readonly PageKind[],
  hasStore: boolean,
): Promise<unknown> {
  const machine = buildWindows(options);
  const one = machine.process('one.exe', { pid: 2000 }).region(HEAP, 32, { kind: 'private' });
  kinds.forEach((kind, index) => one.page(HEAP + BigInt(index + 1) * 0x1000n, kind));
  if (hasStore) machine.process('MemCompression', { pid: 1512, path: null });
  const { system, memory } = await openScanned(rawMemory(machine.toBytes()));
  expect(system.warnings).toEqual([]);
  const none = new FrameSet(0);
  const owners = nativeEngine(memory, system).owners({ interest: none, tails: none, heads: none });
  return owners.notInMemory?.map(({ process, compressedPages, pagedOutPages }) => [
    process.pid,
    compressedPages,
    pagedOutPages,
  ]);
}

/** As many in transition as tell whether the machine inverts bits, as every real one has. */
const IN_RAM = [
  'demand-zero',
  'valid',
  ...Array.from({ length: 8 }, () => 'transition' as const),
] as const;
const ELSEWHERE = [
  ...(['compressed', 'paged-out', 'compressed', 'compressed', 'paged-out'] as const),
  ...IN_RAM,
] as const;

describe.each([
  ['entries since August 2018', { build: 19041 }],
  ['entries before August 2018', { build: 14393, newEntries: false }],
  ['a processor without the L1TF flaw', { build: 22621, invalidPteMask: 0n }],
] as const)('%s', (_name, options) => {
  test('pages in the store of compressed memory and in a paging file are told apart', async () => {
    expect(await counted(options, ELSEWHERE, true)).toEqual([[2000, 3, 2]]);
  });

  test('without the store, its number is that of a third paging file', async () => {
    expect(await counted(options, ELSEWHERE, false)).toEqual([[2000, 0, 5]]);
  });

  test('pages that are in RAM, or were never touched, are not counted', async () => {
    expect(await counted(options, IN_RAM, true)).toEqual([]);
  });
});
