import { describe, expect, test } from '@jest/globals';
import { memoryOf } from '../../src/image/memory-of.ts';
import { physical } from '../../src/memory/address.ts';
import { bytesSource, openFile } from '../../src/memory/byte-source.ts';
import { buildWindows } from '../support/build-windows/build-windows.ts';
import { crashDump } from '../support/build-windows/crash-dump-writer.ts';
import { fromRoot, requires } from '../support/requires.ts';

const machine = buildWindows({
  build: 19_041,
  seed: 5,
  runs: [
    [4096, 2 ** 24 - 4096],
    [2 ** 26, 2 ** 24],
  ],
})
  .process('notepad.exe', { pid: 3008 })
  .maps(0x2_0000_0000n, 'ascii 203.0.113.7')
  .assemble();

const dump = (options: Parameters<typeof crashDump>[1]) =>
  memoryOf(bytesSource(crashDump(machine, options)));

describe.each(['full', 'bitmapFull'] as const)('a %s dump', (type) => {
  test('holds every page of the machine at its address, and its holes', () => {
    const { memory, warnings } = dump({ type });
    expect(warnings).toEqual([]);
    expect(memory.runs.map(({ start, length }) => [start, length])).toEqual(
      machine.ram.runs.map(([start, bytes]) => [start, bytes]),
    );
    for (const { start, bytes } of machine.ram.stretches()) {
      const into = new Uint8Array(bytes.length);
      expect(memory.read(physical(start), into)).toBe(bytes.length);
      expect(Buffer.compare(into, bytes)).toBe(0);
    }
  });

  test('the page table of its header is a hint', () => {
    expect(dump({ type, pcid: 2 }).hints.cr3).toEqual([machine.dtb + 2]);
  });
});

test('a kernel dump says that user pages are missing', () => {
  const { memory, warnings } = dump({ type: 'bitmapKernel' });
  expect(warnings).toEqual([expect.stringContaining('leaves out most or all pages of user')]);
  const held = memory.runs.reduce((sum, { length }) => sum + length, 0);
  expect(held).toBeLessThan(machine.ram.runs.reduce((sum, [, bytes]) => sum + bytes, 0));
});

test('a blank list of runs is told, and the pages taken as one run', () => {
  const { memory, warnings } = dump({ type: 'full', hasRuns: false });
  expect(memory.runs).toHaveLength(1);
  expect(warnings[0]).toContain('list of runs is blank');
});

const edited = (offset: number, ...bytes: number[]) => {
  const copy = crashDump(machine, { type: 'bitmapFull' });
  copy.set(bytes, offset);
  return () => memoryOf(bytesSource(copy));
};

describe('a dump that lies', () => {
  test.each([
    ['a bitmap longer than the file', edited(0x2030, 255, 255, 255, 255, 255, 0), /does not fit/],
    ['a first page inside the bitmap', edited(0x2020, 0x40, 0x20, 0, 0, 0, 0), /does not fit/],
    ['no bitmap', edited(0x2000, 0), /no bitmap/],
    ['an ARM64 machine', edited(0x30, 0x64, 0xaa), /ARM64/],
    ['a triage dump', edited(0xf98, 4), /triage dump/],
  ])('%s is refused', (_, open, sentence) => expect(open).toThrow(sentence));

  test('a header that is cut off is refused', () => {
    const cut = crashDump(machine, { type: 'full' }).subarray(0, 5000);
    expect(() => memoryOf(bytesSource(cut))).toThrow(/header ends after 5000/);
  });
});

const FRAGMENTS = '../shared/images/real-fragments';
const real = requires(`${FRAGMENTS}/dmp64.hexpat.bin`, 'only in the project’s own checkout');

real('a real 19045 header: its runs, its page table, what is cut off', () => {
  const { memory, hints, warnings } = memoryOf(openFile(fromRoot(`${FRAGMENTS}/dmp64.hexpat.bin`)));
  expect(memory.runs[0]).toEqual({ start: 0x2000, length: 0x2000, fileOffset: 0x2000 });
  expect(hints.cr3[0]).toBe(0x1ad002);
  expect(warnings[0]).toContain('truncated');
});

for (const file of ['triage_x64.dmp', 'triage_arm64.dmp']) {
  real(`the real ${file} is refused by name`, () => {
    expect(() => memoryOf(openFile(fromRoot(`${FRAGMENTS}/${file}`)))).toThrow(/triage dump/);
  });
}
