import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  PAGE_BYTES,
  physical,
  virtual,
  type PhysicalAddress,
} from '../../../src/memory/address.ts';
import { findFrameDatabase } from '../../../src/os/windows/frame-database.ts';
import { kernelAddresses } from '../../../src/os/windows/kernel-addresses.ts';
import { openKernel, type WindowsKernel } from '../../../src/os/windows/kernel.ts';
import { LAYOUT_GROUPS } from '../../../src/os/windows/offsets/groups.ts';
import { PageCache } from '../../../src/translate/page-cache.ts';
import {
  buildWindows,
  BUILDS,
  type BuiltWindows,
} from '../../support/build-windows/build-windows.ts';
import { openScanned, rawMemory } from './open-built.ts';

const HEAP = 0x2_0000_0000n;

describe.each(BUILDS)('build %d', (build) => {
  let built: BuiltWindows;
  let kernel: WindowsKernel;

  beforeAll(async () => {
    built = buildWindows({ build })
      .process('one.exe', { pid: 2000 })
      .maps(HEAP, 'ascii one')
      .build();
    const memory = rawMemory(built.bytes);
    const { anchors } = await openScanned(memory);
    // Too small for anything to stay in it by chance.
    kernel = openKernel(new PageCache(memory, 8), anchors, {}, LAYOUT_GROUPS) ?? never();
  });

  const objects = (): PhysicalAddress[] =>
    built.truth.processes.map((one) => physical(one.physical + 0x30));
  const inImage = (): PhysicalAddress =>
    kernel.space.translate(virtual(built.truth.kernel.image + 0x1234n))?.physical ?? never();
  const ofProcess = (): PhysicalAddress =>
    physical(
      (built.truth.pages.find(({ pid, va }) => pid === 2000 && va === HEAP)?.frame ?? never()) *
        PAGE_BYTES,
    );

  test('the books of frames say what a walk over the tables says, in small and in large pages', () => {
    const places = [...objects(), inImage()];
    const byTables = kernelAddresses(kernel, null, places);
    const byBooks = kernelAddresses(kernel, findFrameDatabase(kernel), places);
    expect(byBooks).toEqual(byTables);
    expect([...byBooks.values()].slice(0, -1)).toEqual(
      built.truth.processes.map(({ object }) => object + 0x30n),
    );
  });

  test('a page of a process has no address in the kernel', () => {
    for (const database of [findFrameDatabase(kernel), null]) {
      expect(kernelAddresses(kernel, database, [ofProcess()])).toEqual(new Map());
    }
  });

  test('with the books no table is walked through: their size does not matter', () => {
    const database = findFrameDatabase(kernel);
    const before = kernel.memory.misses;
    kernelAddresses(kernel, database, objects());
    // An entry and the four tables above its page, for the books and for the proof.
    expect(kernel.memory.misses - before).toBeLessThanOrEqual(objects().length * 10);
  });
});

function never(): never {
  throw new Error('the built machine lacks what the test needs');
}
