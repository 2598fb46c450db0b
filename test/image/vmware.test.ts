import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { memoryOf } from '../../src/image/memory-of.ts';
import { openImage } from '../../src/image/open-image.ts';
import { physical } from '../../src/memory/address.ts';
import { bytesSource } from '../../src/memory/byte-source.ts';
import { scan } from '../../src/scan/scan.ts';
import { patternsOf } from '../../src/indicator/patterns.ts';
import { parseIndicator } from '../../src/indicator/parse-indicator.ts';
import { buildWindows } from '../support/build-windows/build-windows.ts';
import { vmwareFiles, vmwareSnapshot } from '../support/build-windows/vmware-writer.ts';

const machine = buildWindows({
  build: 17_763,
  seed: 7,
  runs: [
    [0, 2 ** 24],
    [2 ** 26, 2 ** 24],
  ],
})
  .process('notepad.exe', { pid: 3008 })
  .maps(0x2_0000_0000n, 'ascii 203.0.113.7')
  .assemble();

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ip2process-vmware-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(['.vmss', '.vmsn'])(
  'a .vmem with its %s has its pages where the machine had them',
  async (ending) => {
    const { vmem, vmss } = vmwareFiles(machine);
    writeFileSync(join(folder, 'machine.vmem'), vmem);
    writeFileSync(join(folder, `machine${ending}`), vmss);
    const image = await openImage(join(folder, 'machine.vmem'));
    try {
      expect(image.memory.runs.map(({ start, length }) => [start, length])).toEqual(
        machine.ram.runs.map(([start, bytes]) => [start, bytes]),
      );
      expect(image.hints.cr3).toEqual([machine.dtb]);
      for (const { start, bytes } of machine.ram.stretches()) {
        const into = new Uint8Array(bytes.length);
        image.memory.read(physical(start), into);
        expect(Buffer.compare(into, bytes)).toBe(0);
      }
    } finally {
      image.close();
    }
  },
);

test('threads read a .vmem by its regions too', async () => {
  const { vmem, vmss } = vmwareFiles(machine);
  writeFileSync(join(folder, 'machine.vmem'), vmem);
  writeFileSync(join(folder, 'machine.vmss'), vmss);
  const image = await openImage(join(folder, 'machine.vmem'));
  try {
    const indicators = [parseIndicator('203.0.113.7')];
    const [one, two] = await Promise.all(
      [1, 2].map((threads) => scan(image, patternsOf(indicators), indicators, { threads })),
    );
    expect(one?.hits.length).toBeGreaterThan(0);
    expect(two?.hits).toEqual(one?.hits);
  } finally {
    image.close();
  }
});

test('a snapshot that holds the memory itself', () => {
  const { memory, hints } = memoryOf(bytesSource(vmwareSnapshot(machine)));
  expect(hints.cr3).toEqual([machine.dtb]);
  const [first] = machine.ram.stretches();
  const into = new Uint8Array(first?.bytes.length ?? 0);
  expect(memory.read(physical(first?.start ?? 0), into)).toBe(into.length);
  expect(Buffer.compare(into, first?.bytes ?? into)).toBe(0);
});

test('a state file alone says where the memory is', () => {
  const { vmss } = vmwareFiles(machine);
  expect(() => memoryOf(bytesSource(vmss))).toThrow(/\.vmem file beside it/);
});
