import { expect, test } from '@jest/globals';
import { buildWindows } from '../../support/build-windows/build-windows.ts';
import { openScanned, rawMemory } from './open-built.ts';

const HEAP = 0x2_0000_0000n;

test('pages in a paging file are counted by process; demand-zero pages are none', async () => {
  const machine = buildWindows({ build: 19041 });
  const one = machine.process('one.exe', { pid: 2000 }).region(HEAP, 8, { kind: 'private' });
  for (const page of [1n, 2n, 3n]) one.page(HEAP + page * 0x1000n, 'paged-out');
  one.page(HEAP + 0x5000n, 'demand-zero');
  const { system } = await openScanned(rawMemory(machine.toBytes()));
  expect(system.warnings).toEqual([
    '3 pages (12 KiB) of one.exe 2000 are in a paging file, which is not part of the image',
  ]);
});
